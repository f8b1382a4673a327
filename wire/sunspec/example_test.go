package sunspec_test

import (
	"context"
	"fmt"
	"time"

	"reprise/wire/modbus"
	"reprise/wire/sunspec"
)

// A bank of two models, found and commanded by its client.
func Example() {
	common, _ := sunspec.Common().Layout(0)
	controls, _ := sunspec.ACControls().Layout(0)
	bank, err := sunspec.NewBank(40000, time.Now, common, controls)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bank.Model(704).Set(sunspec.ACControlsWSetSF, 1)) // tens of watts

	ctx := context.Background()
	device, err := sunspec.Discover(ctx, modbus.NewMemory(bank, time.Second), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	block := device.Model(704)
	fmt.Println(block.Address, block.Length, block.Read(ctx))
	fmt.Println(block.Write(ctx,
		modbus.Setting{Point: sunspec.ACControlsWSetEna, Physical: sunspec.Enabled},
		modbus.Setting{Point: sunspec.ACControlsWSetMod, Physical: sunspec.WSetWatts},
		modbus.Setting{Point: sunspec.ACControlsWSet, Physical: -25_346}))
	fmt.Println(bank.Model(704).Value(sunspec.ACControlsWSet))
	// Output:
	// <nil>
	// 40070 65 <nil>
	// <nil>
	// {-25350 true}
}
