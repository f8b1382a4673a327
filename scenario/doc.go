// Package scenario turns the text of a scenario into values: the unit with the site's overrides, the start and length,
// the state of the packs, series, vehicles, visits, bookings, and a story with expectations. It runs nothing.
//
// # The file
//
// YAML, read as strictly as a unit file (package config): quantities carry their units, every fault has its place.
//
//	name: launch-event
//	about: One sentence for people.
//	unit: units/max.yaml              # a file beside this one, "reference", or a unit written here
//	site: {island: yes, reserve: 5 kWh}   # narrows or replaces what the unit file says of its site
//	start: 2021-06-14 17:00 Europe/London # or "summer-week Europe/London": a week that all CSV series share
//	for: 1 d
//	seed: 7
//	packs: {soc: 90 %, temperature: 18 C} # or a list with one entry for each pack
//	series:
//	  loads:      [{circuit: Stage, points: "00:00 1 kW, 18:00 12 kW, 23:00 2 kW"}]
//	  irradiance: {sun: {peak: 800 W/m2, rise: "04:45", set: "21:20", cloud: 30 %}}
//	  ambient:    {day: {low: 11 C, high: 22 C, warmest: "15:00"}}
//	  price:      {constant: 0.25 GBP}    # per kWh
//	  carbon:     {csv: {file: "${DATA}/x_*.csv", time: time_utc, value: kgco2_per_kwh, unit: kg/kWh, zone: UTC}}
//	sessions: {csv: "${DATA}/ev-sessions-acn/caltech_*.csv", zone: Europe/London, rapid_above: 11 kW}
//	                                  # also: outlets: [1, 2], at_most: 9, day: busiest
//	vehicles: [{name: phev, battery: 31.8 kWh, ac: 7.2 kW, phases: 1}]
//	                                  # also: dc, volts, soc, curve: "0 % 50 kW, 80 % 30 kW", or like: {csv, brand, model}
//	bookings: [{outlet: Rapid, vehicle: flagship, at: ["12:00", "17:00"], need: 60 kWh, stay: 45 min}]
//	                                  # also: rate, soc, days: 1..3, told: 12 h (how long before)
//	story: |
//	  10:00      plug outlet 3 phev need 12 kWh by 17:30
//	  12:05      heat pack 3 cell 41 to 61 C over 5 s
//	  within 4 s expect pack 3 open
//	             expect outlet 3 draw 7.0..7.4 kW
//
// A CSV column declares its unit, its zone, whether its stamps stand at the start or the end of their period, and what
// happens in gaps; nothing missing ever becomes 0. ${DATA} is the folder of real series; a pattern that matches no file
// is ErrDataAbsent.
//
// # The story
//
// One statement a line; "#" begins a comment. A line begins with a time of day ("12:05", "12:05:30", "day 2 08:00"),
// with "within SPAN" (must come true within that span after the line before), with "for SPAN" (must hold for that
// long), or with spaces alone (as the line before). Names with spaces stand in double quotes; parts can be named by
// name or by number, counted from one.
//
//	plug outlet N [VEHICLE] [soc 20 %] [need 12 kWh] [by 17:30]
//	unplug outlet N
//	need outlet N 12 kWh [by 17:30]
//	plug inlet N [50 kW] [500 V]        a vehicle charger at the unit's own inlet
//	unplug inlet N
//	heat|cool pack N [cell M] to 61 C [over 5 s]
//	fail|restore feeder N
//	load circuit N 20 kW                overrides its series; "load circuit N series" gives it back
//	fault SUBJECT NAME [VALUE] [over 10 s]   NAME is the twin's, such as "bms silent", VALUE in its unit
//	clear SUBJECT NAME
//	                                    SUBJECT: unit, pack N [cell M], converter N, inverter, feeder N [phase M],
//	                                    circuit N, outlet N, input NAME, bus
//	press|release emergency stop
//	kill|restart controller|guard|store
//	ask [fleet] VERB [PART] [AMOUNT] [TEXT]  a person at the unit, or a remote one; verbs as the API spells them
//	expect pack N STAGE                 open, joined, "locked out" ...
//	expect pack N feed|draw|soc|hot|volts RANGE
//	expect outlet N draw|soc|delivered RANGE | outlet N STATE (of its visit), on, off, silent
//	expect promise outlet N [from TIME] RANGE
//	expect promise outlet N [from TIME] none|waiting|in force|broken
//	                                    TIME is when a booking begins ("day 2 12:00"); without it the vehicle that is
//	                                    there is meant, or the next one booked
//	expect circuit N on|off|draw RANGE
//	expect feeder N open|closed|feed RANGE|draw RANGE
//	expect generator N STAGE
//	expect network|inverter|service STATE | network hertz|volts RANGE | inverter feed|draw RANGE
//	expect bus RANGE | store soc RANGE | deliverable RANGE
//	expect [no] alarm RULE [on SUBJECT] [latched]
//	RANGE: 7.0..7.4 kW, >= 10 kWh, <= 3 kW, 50 Hz
package scenario
