package modbus_test

import (
	"context"
	"fmt"
	"time"

	"reprise/wire/modbus"
)

// One table drives the slave, the master and the manual.
func Example() {
	const setpoint, voltage = 0, 1 // the order of the points
	table := modbus.Table{Name: "Supply", Points: []modbus.Point{
		setpoint: {Name: "Setpoint", Address: 10, Type: modbus.S16, Scale: 0.1, Unit: "kW",
			Access: modbus.ReadWrite, Min: -50, Max: 50},
		voltage: {Name: "Voltage", Address: 20, Type: modbus.U16, Scale: 0.1, Unit: "V"},
	}}
	registers, err := table.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	bank := modbus.NewBank(registers, time.Now)
	bus := modbus.NewMemory(bank, time.Second) // or NewClient(DialTCP("192.0.2.7:502"), time.Second)
	reader := modbus.NewReader(bus, 1, registers)

	ctx := context.Background()
	values := make([]modbus.Value, registers.Len())
	fmt.Println(reader.ReadAll(ctx, values), values[voltage].Valid)
	fmt.Println(bank.Set(voltage, 812.3))
	fmt.Println(reader.ReadAll(ctx, values), values[voltage].Physical)
	fmt.Println(reader.Write(ctx, modbus.Setting{Point: setpoint, Physical: 60}))
	fmt.Println(bus.WriteHolding(ctx, 1, 10, []uint16{600}))
	// Output:
	// <nil> false
	// <nil>
	// <nil> 812.3
	// writing Supply: point Setpoint: out of range: 60 kW is not within -50..50 kW
	// illegal data value 10 at unit 1 (writing 1 holding register at 10 of unit 1)
}
