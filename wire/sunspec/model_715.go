package sunspec

// Points of model 715, DERCtl: who may control, signs of life, start and stop.
const (
	ControlID = iota
	ControlL
	ControlLocRemCtl
	ControlDERHb
	ControlControllerHb
	ControlAlarmReset
	ControlOpCtl
)

// Control is model 715, DERCtl: who may control, signs of life, start and stop.
func Control() Model {
	return Model{
		ID: 715, Name: "DERCtl", Doc: "who may control, signs of life, start and stop",
		Points: []Point{
			ControlID:           {Name: "ID", Type: Uint16, Doc: "model number"},
			ControlL:            {Name: "L", Type: Uint16, Doc: "registers after this one"},
			ControlLocRemCtl:    {Name: "LocRemCtl", Type: Enum16, Symbols: []string{"REMOTE", "LOCAL"}, Doc: "control mode; LOCAL must be left at the device itself"},
			ControlDERHb:        {Name: "DERHb", Type: Uint32, Doc: "counted up every second by the inverter"},
			ControlControllerHb: {Name: "ControllerHb", Type: Uint32, Writable: true, Doc: "counted up every second by the controller"},
			ControlAlarmReset:   {Name: "AlarmReset", Type: Uint16, Writable: true, Doc: "1 resets latched alarms"},
			ControlOpCtl:        {Name: "OpCtl", Type: Enum16, Writable: true, Symbols: []string{"STOP", "START", "ENTER_STANDBY", "EXIT_STANDBY"}, Doc: "order to the inverter"},
		},
	}
}
