package can_test

import (
	"fmt"
	"strings"
	"time"

	"reprise/wire/can"
)

// A recorded log goes through an inbox; each signal comes out with its unit, or as unknown.
func Example() {
	database, err := can.Load("pack.dbc", []byte(`BO_ 1475 Charge: 4 Pack
 SG_ Current : 7|16@0- (0.1,0) [-500|500] "A" Unit
 SG_ Temperature : 16|8@1+ (0.5,-40) [-40|80] "degC" Unit
BA_DEF_ SG_ "RawInvalid" INT 0 255;
BA_DEF_DEF_ "RawInvalid" 0;
BA_ "RawInvalid" SG_ 1475 Temperature 255;
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	inbox, err := can.NewInbox(database, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	log := can.NewLogReader(strings.NewReader("(1700000000.250000) can0 5C3#FF380000\nnoise\n(1700000000.350000) can0 5C3#1771FF00\n"))
	for record, err := range log.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		message := inbox.Accept(&record.Frame, record.At)
		samples := make([]can.Sample, len(message.Signals))
		at, _ := inbox.Read(message, samples)
		for i, signal := range message.Signals {
			if sample := samples[i]; sample.Fresh(at, time.Second) {
				fmt.Printf("%s %.1f %s, in range: %t\n", signal.Name, sample.Physical, signal.Unit, sample.InRange)
			} else {
				fmt.Println(signal.Name, "unknown")
			}
		}
	}
	// Output:
	// Current -20.0 A, in range: true
	// Temperature -40.0 degC, in range: true
	// candump log line 2: 1 fields, want (seconds) interface id#data
	// Current 600.1 A, in range: false
	// Temperature unknown
}
