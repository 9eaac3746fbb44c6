-- target: control
drop table identity.pending_sign_ins;
drop table identity.recovery_codes;
drop table identity.authenticators;
alter table identity.sessions drop column second_factor, drop column proved_at, drop column seen_at;
