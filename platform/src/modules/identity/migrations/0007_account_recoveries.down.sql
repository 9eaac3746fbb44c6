-- target: control
drop table identity.account_recoveries;
