package sunspec

// Points of model 703, DEREnterService: when the inverter may connect.
const (
	EnterServiceID = iota
	EnterServiceL
	EnterServiceES
	EnterServiceESVHi
	EnterServiceESVLo
	EnterServiceESHzHi
	EnterServiceESHzLo
	EnterServiceESDlyTms
	EnterServiceESRndTms
	EnterServiceESRmpTms
	EnterServiceESDlyRemTms
	EnterServiceVSF
	EnterServiceHzSF
)

// EnterService is model 703, DEREnterService: when the inverter may connect.
func EnterService() Model {
	return Model{
		ID: 703, Name: "DEREnterService", Doc: "when the inverter may connect",
		Points: []Point{
			EnterServiceID:          {Name: "ID", Type: Uint16, Doc: "model number"},
			EnterServiceL:           {Name: "L", Type: Uint16, Doc: "registers after this one"},
			EnterServiceES:          {Name: "ES", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "permission to enter service"},
			EnterServiceESVHi:       {Name: "ESVHi", Type: Uint16, Scale: "V_SF", Unit: "%", Writable: true, Doc: "highest voltage for it, of nominal"},
			EnterServiceESVLo:       {Name: "ESVLo", Type: Uint16, Scale: "V_SF", Unit: "%", Writable: true, Doc: "lowest voltage for it, of nominal"},
			EnterServiceESHzHi:      {Name: "ESHzHi", Type: Uint32, Scale: "Hz_SF", Unit: "Hz", Writable: true, Doc: "highest frequency for it"},
			EnterServiceESHzLo:      {Name: "ESHzLo", Type: Uint32, Scale: "Hz_SF", Unit: "Hz", Writable: true, Doc: "lowest frequency for it"},
			EnterServiceESDlyTms:    {Name: "ESDlyTms", Type: Uint32, Unit: "s", Writable: true, Doc: "delay before it"},
			EnterServiceESRndTms:    {Name: "ESRndTms", Type: Uint32, Unit: "s", Writable: true, Doc: "random delay on top"},
			EnterServiceESRmpTms:    {Name: "ESRmpTms", Type: Uint32, Unit: "s", Writable: true, Doc: "ramp after it"},
			EnterServiceESDlyRemTms: {Name: "ESDlyRemTms", Type: Uint32, Unit: "s", Doc: "delay remaining"},
			EnterServiceVSF:         {Name: "V_SF", Type: ScaleFactor, Doc: "exponent of voltages"},
			EnterServiceHzSF:        {Name: "Hz_SF", Type: ScaleFactor, Doc: "exponent of frequencies"},
		},
	}
}
