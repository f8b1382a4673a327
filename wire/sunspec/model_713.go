package sunspec

// Points of model 713, DERStorageCapacity: what the storage behind the inverter holds.
const (
	StorageCapacityID = iota
	StorageCapacityL
	StorageCapacityWHRtg
	StorageCapacityWHAvail
	StorageCapacitySoC
	StorageCapacitySoH
	StorageCapacitySta
	StorageCapacityWHSF
	StorageCapacityPctSF
)

// StorageCapacity is model 713, DERStorageCapacity: what the storage behind the inverter holds.
func StorageCapacity() Model {
	return Model{
		ID: 713, Name: "DERStorageCapacity", Doc: "what the storage behind the inverter holds",
		Points: []Point{
			StorageCapacityID:      {Name: "ID", Type: Uint16, Doc: "model number"},
			StorageCapacityL:       {Name: "L", Type: Uint16, Doc: "registers after this one"},
			StorageCapacityWHRtg:   {Name: "WHRtg", Type: Uint16, Scale: "WH_SF", Unit: "Wh", Doc: "energy rating"},
			StorageCapacityWHAvail: {Name: "WHAvail", Type: Uint16, Scale: "WH_SF", Unit: "Wh", Doc: "energy available: rating x state of charge x state of health"},
			StorageCapacitySoC:     {Name: "SoC", Type: Uint16, Scale: "Pct_SF", Unit: "%", Doc: "state of charge"},
			StorageCapacitySoH:     {Name: "SoH", Type: Uint16, Scale: "Pct_SF", Unit: "%", Doc: "state of health"},
			StorageCapacitySta:     {Name: "Sta", Type: Enum16, Symbols: []string{"OK", "WARNING", "ERROR"}, Doc: "storage status"},
			StorageCapacityWHSF:    {Name: "WH_SF", Type: ScaleFactor, Doc: "exponent of energies"},
			StorageCapacityPctSF:   {Name: "Pct_SF", Type: ScaleFactor, Doc: "exponent of percentages"},
		},
	}
}
