-- target: control
drop table identity.known_devices;
