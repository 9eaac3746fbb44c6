-- target: tenant
drop table invitations;
drop table members;
