-- target: control
drop function take_permits(text[], int[], int[], int);
drop table rate_windows;
