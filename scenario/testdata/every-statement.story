# every statement of the language
00:00:30     plug outlet 1
             plug outlet "Outlet 2" car soc 20 % need 12kWh by 17:30   # a name in quotes
             plug inlet 4 50 kW 500 V
             plug inlet "Vehicle inlet"
00:05        need outlet 1 9.5 kWh by day 2 08:00
             need outlet 1 9.5 kWh
00:10        unplug outlet 1
             unplug inlet 4
01:00        heat pack 3 cell 41 to 61 C over 5 s
             cool pack "Pack 2" to -5 C over 2 h
             fail feeder Grid
             restore feeder 1
             load circuit Stage 20 kW
             load circuit "Catering and tools" series
01:05        fault pack 3 cell 12 cell short 200 mV over 10 s
             fault pack 3 bms silent
             clear pack 3 bms silent
             fault pack 3 soc lie -5 %
             fault feeder Generator generator-refuses
             fault feeder Grid phase 2 phase lost
             fault feeder Grid phase lost
             fault unit 12-v-low 10.5 V
             fault unit "12 v low" 10.5 V
             fault input smoke
             clear input smoke
             fault unit clock jump 90 s
             fault bus insulation fall 20 kohm over 1 min
             fault converter 2 converter ignores
             fault inverter inverter trip
             fault outlet 3 meter jump 3 kWh
             fault circuit 1 circuit rcd
01:10        press emergency stop
             release emergency stop
             kill controller
             restart controller
             kill guard
01:20        ask start
             ask stop
             ask black-start
             ask outlet-off 3
             ask circuit-off Stage
             ask circuit-priority Stage 3
             ask pack-out 4
             ask pack-in 4 RR380099
             ask visit-need 3 12 kWh by 17:30
             ask visit-end 3
             ask feeder-off Solar
             ask import-cap 20 kW
             ask reserve 25 kWh
             ask generator-run Generator
             ask reset pack-temperature-trip pack 3
             ask reset emergency-stop
             ask transport-on
             ask emergency-stop
02:00        expect pack 3 open
within 4 s   expect pack 3 locked out
             expect pack 3 "out for service"
             expect pack 3 feed 2..5 kW
             expect pack 3 draw <= 1 kW
             expect pack 3 soc 40..60 %
             expect pack 3 hot >= 55 C
             expect pack 3 volts 264..403 V
for 10 min   expect outlet 3 draw 7.0..7.4 kW
             expect outlet 3 charging
             expect outlet 3 delivered >= 10 kWh
             expect promise outlet 3 >= 10 kWh
             expect promise outlet 3 8..10 kWh
             expect promise outlet Rapid from day 2 12:00 30..34 kWh
             expect promise outlet Rapid from 12:00 <= 34 kWh
             expect promise outlet 3 waiting
             expect promise outlet 3 from day 2 12:00 in force
02:30:15     expect circuit Stage off
             expect circuit 2 draw 0..1 kW
             expect feeder Grid closed
             expect feeder Grid feed 0..40 kW
             expect generator Generator warming up
             expect network island
             expect network hertz 49.5..50.5 Hz
             expect inverter forming
             expect inverter feed 10..12 kW
             expect service in service
             expect bus 720..780 V
             expect bus 750 V
             expect store soc >= 20 %
             expect deliverable >= 50 kWh
             expect alarm pack-temperature-trip on pack 3 latched
             expect alarm pack-temperature-trip
             expect no alarm
             expect no alarm on pack 2
day 2 08:00  unplug outlet "Outlet 2"
