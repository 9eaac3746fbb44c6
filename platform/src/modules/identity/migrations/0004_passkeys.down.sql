-- target: control
drop table identity.used_challenges;
drop table identity.passkeys;
