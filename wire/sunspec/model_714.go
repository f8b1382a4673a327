package sunspec

// Points of model 714, DERMeasureDC: what flows at the DC terminals, in total and per port.
const (
	DCMeasurementID = iota
	DCMeasurementL
	DCMeasurementPrtAlrms
	DCMeasurementNPrt
	DCMeasurementDCA
	DCMeasurementDCW
	DCMeasurementDCWhInj
	DCMeasurementDCWhAbs
	DCMeasurementDCASF
	DCMeasurementDCVSF
	DCMeasurementDCWSF
	DCMeasurementDCWHSF
	DCMeasurementTmpSF
)

// Points of one Prt group of model 714; [Model.Repeated] turns them into points of the model.
const (
	DCMeasurementPrtPrtTyp = iota
	DCMeasurementPrtID
	DCMeasurementPrtIDStr
	DCMeasurementPrtDCA
	DCMeasurementPrtDCV
	DCMeasurementPrtDCW
	DCMeasurementPrtDCWhInj
	DCMeasurementPrtDCWhAbs
	DCMeasurementPrtTmp
	DCMeasurementPrtDCSta
	DCMeasurementPrtDCAlrm
)

// DCMeasurement is model 714, DERMeasureDC: what flows at the DC terminals, in total and per port.
func DCMeasurement() Model {
	return Model{
		ID: 714, Name: "DERMeasureDC", Doc: "what flows at the DC terminals, in total and per port",
		Points: []Point{
			DCMeasurementID:       {Name: "ID", Type: Uint16, Doc: "model number"},
			DCMeasurementL:        {Name: "L", Type: Uint16, Doc: "registers after this one"},
			DCMeasurementPrtAlrms: {Name: "PrtAlrms", Type: Bitfield32, Doc: "ports with an active alarm, bit 0 is the first port"},
			DCMeasurementNPrt:     {Name: "NPrt", Type: Count, Doc: "number of ports"},
			DCMeasurementDCA:      {Name: "DCA", Type: Int16, Scale: "DCA_SF", Unit: "A", Doc: "total DC current"},
			DCMeasurementDCW:      {Name: "DCW", Type: Int16, Scale: "DCW_SF", Unit: "W", Doc: "total DC power"},
			DCMeasurementDCWhInj:  {Name: "DCWhInj", Type: Uint64, Scale: "DCWH_SF", Unit: "Wh", Doc: "total energy injected"},
			DCMeasurementDCWhAbs:  {Name: "DCWhAbs", Type: Uint64, Scale: "DCWH_SF", Unit: "Wh", Doc: "total energy absorbed"},
			DCMeasurementDCASF:    {Name: "DCA_SF", Type: ScaleFactor, Doc: "exponent of currents"},
			DCMeasurementDCVSF:    {Name: "DCV_SF", Type: ScaleFactor, Doc: "exponent of voltages"},
			DCMeasurementDCWSF:    {Name: "DCW_SF", Type: ScaleFactor, Doc: "exponent of powers"},
			DCMeasurementDCWHSF:   {Name: "DCWH_SF", Type: ScaleFactor, Doc: "exponent of energies"},
			DCMeasurementTmpSF:    {Name: "Tmp_SF", Type: ScaleFactor, Doc: "exponent of temperatures"},
		},
		Group: "Prt", GroupCount: DCMeasurementNPrt,
		GroupPoints: []Point{
			DCMeasurementPrtPrtTyp:  {Name: "PrtTyp", Type: Enum16, Symbols: []string{"PV", "ESS", "EV", "INJ", "ABS", "BIDIR", "DC_DC"}, Doc: "kind of port"},
			DCMeasurementPrtID:      {Name: "ID", Type: Uint16, Doc: "number of the port"},
			DCMeasurementPrtIDStr:   {Name: "IDStr", Type: String, Size: 8, Doc: "name of the port"},
			DCMeasurementPrtDCA:     {Name: "DCA", Type: Int16, Scale: "DCA_SF", Unit: "A", Doc: "current"},
			DCMeasurementPrtDCV:     {Name: "DCV", Type: Uint16, Scale: "DCV_SF", Unit: "V", Doc: "voltage"},
			DCMeasurementPrtDCW:     {Name: "DCW", Type: Int16, Scale: "DCW_SF", Unit: "W", Doc: "power"},
			DCMeasurementPrtDCWhInj: {Name: "DCWhInj", Type: Uint64, Scale: "DCWH_SF", Unit: "Wh", Doc: "energy injected"},
			DCMeasurementPrtDCWhAbs: {Name: "DCWhAbs", Type: Uint64, Scale: "DCWH_SF", Unit: "Wh", Doc: "energy absorbed"},
			DCMeasurementPrtTmp:     {Name: "Tmp", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "temperature"},
			DCMeasurementPrtDCSta:   {Name: "DCSta", Type: Enum16, Symbols: []string{"OFF", "ON", "WARNING", "ERROR"}, Doc: "status"},
			DCMeasurementPrtDCAlrm:  {Name: "DCAlrm", Type: Bitfield32, Doc: "alarms of the port, see the PortAlarm constants"},
		},
	}
}
