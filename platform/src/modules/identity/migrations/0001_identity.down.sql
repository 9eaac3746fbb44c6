-- target: control
drop table identity.throttles;
drop table identity.verifications;
drop table identity.sessions;
drop table identity.accounts;
drop table identity.users;
