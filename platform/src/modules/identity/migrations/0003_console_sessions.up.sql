-- target: control
-- Sessions of the staff console count there and nowhere else; those of the workspace do not count there.
alter table identity.sessions add column console boolean not null default false;
