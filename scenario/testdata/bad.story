expect pack 3 open
within 4 s expect pack 3 open
           expect pack 3 open
25:00      plug outlet 1
10:00      plug outlet 99
           plug outlet Nowhere
           plug outlet 1 spaceship
           plug outlet 1 need 12
           plug outlet 1 need 12 kW
           plug outlet 1 soc 120 %
           plug outlet 1 phev need 12 kWh until 17:30
           plug inlet 1
           wait
           heat pack 3 cell 97 to 61 C
           heat pack 3 to 61
           expect pack 3 opened
           expect outlet 3 draw 7.4..7.0 kW
           expect outlet 3 draw 7.0..7.4
           expect no pack 3 open
           expect alarm
           expect promise outlet 3
           expect promise outlet 3 kept
           expect promise outlet 3 from noon 10 kWh
           expect promise outlet 3 from day 0 12:00 10 kWh
           expect promise outlet 3 from day 2 12:00
           expect promise outlet 3 10 kWh from 12:00
           expect promise Rapid 10 kWh
           expect generator Grid off
           ask dance
           ask feeder-record Grid
           fault pack 3
           press emergency
           unplug outlet "1
           unplug outlet 1 2
within 4 s plug outlet 1
09:00      unplug outlet 1
day 9 09:00 unplug outlet 1
11:00
no time here
