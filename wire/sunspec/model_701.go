package sunspec

// Points of model 701, DERMeasureAC: what the inverter does at its AC terminals.
const (
	ACMeasurementID = iota
	ACMeasurementL
	ACMeasurementACType
	ACMeasurementSt
	ACMeasurementInvSt
	ACMeasurementConnSt
	ACMeasurementAlrm
	ACMeasurementDERMode
	ACMeasurementW
	ACMeasurementVA
	ACMeasurementVar
	ACMeasurementPF
	ACMeasurementA
	ACMeasurementLLV
	ACMeasurementLNV
	ACMeasurementHz
	ACMeasurementTotWhInj
	ACMeasurementTotWhAbs
	ACMeasurementTotVarhInj
	ACMeasurementTotVarhAbs
	ACMeasurementTmpAmb
	ACMeasurementTmpCab
	ACMeasurementTmpSnk
	ACMeasurementTmpTrns
	ACMeasurementTmpSw
	ACMeasurementTmpOt
	ACMeasurementWL1
	ACMeasurementVAL1
	ACMeasurementVarL1
	ACMeasurementPFL1
	ACMeasurementAL1
	ACMeasurementVL1L2
	ACMeasurementVL1
	ACMeasurementTotWhInjL1
	ACMeasurementTotWhAbsL1
	ACMeasurementTotVarhInjL1
	ACMeasurementTotVarhAbsL1
	ACMeasurementWL2
	ACMeasurementVAL2
	ACMeasurementVarL2
	ACMeasurementPFL2
	ACMeasurementAL2
	ACMeasurementVL2L3
	ACMeasurementVL2
	ACMeasurementTotWhInjL2
	ACMeasurementTotWhAbsL2
	ACMeasurementTotVarhInjL2
	ACMeasurementTotVarhAbsL2
	ACMeasurementWL3
	ACMeasurementVAL3
	ACMeasurementVarL3
	ACMeasurementPFL3
	ACMeasurementAL3
	ACMeasurementVL3L1
	ACMeasurementVL3
	ACMeasurementTotWhInjL3
	ACMeasurementTotWhAbsL3
	ACMeasurementTotVarhInjL3
	ACMeasurementTotVarhAbsL3
	ACMeasurementThrotPct
	ACMeasurementThrotSrc
	ACMeasurementASF
	ACMeasurementVSF
	ACMeasurementHzSF
	ACMeasurementWSF
	ACMeasurementPFSF
	ACMeasurementVASF
	ACMeasurementVarSF
	ACMeasurementTotWhSF
	ACMeasurementTotVarhSF
	ACMeasurementTmpSF
	ACMeasurementMnAlrmInfo
)

// ACMeasurement is model 701, DERMeasureAC: what the inverter does at its AC terminals.
func ACMeasurement() Model {
	return Model{
		ID: 701, Name: "DERMeasureAC", Doc: "what the inverter does at its AC terminals",
		Points: []Point{
			ACMeasurementID:           {Name: "ID", Type: Uint16, Doc: "model number"},
			ACMeasurementL:            {Name: "L", Type: Uint16, Doc: "registers after this one"},
			ACMeasurementACType:       {Name: "ACType", Type: Enum16, Symbols: []string{"SINGLE_PHASE", "SPLIT_PHASE", "THREE_PHASE"}, Doc: "AC wiring"},
			ACMeasurementSt:           {Name: "St", Type: Enum16, Symbols: []string{"OFF", "ON"}, Doc: "operating state"},
			ACMeasurementInvSt:        {Name: "InvSt", Type: Enum16, Symbols: []string{"OFF", "SLEEPING", "STARTING", "MPPT", "THROTTLED", "SHUTTING_DOWN", "FAULT", "STANDBY"}, Doc: "inverter state"},
			ACMeasurementConnSt:       {Name: "ConnSt", Type: Enum16, Symbols: []string{"DISCONNECTED", "CONNECTED"}, Doc: "connection to the grid"},
			ACMeasurementAlrm:         {Name: "Alrm", Type: Bitfield32, Doc: "active alarms, see the Alarm constants"},
			ACMeasurementDERMode:      {Name: "DERMode", Type: Bitfield32, Doc: "grid following, grid forming, clipped; see the Mode constants"},
			ACMeasurementW:            {Name: "W", Type: Int16, Scale: "W_SF", Unit: "W", Doc: "total active power, positive when injected"},
			ACMeasurementVA:           {Name: "VA", Type: Int16, Scale: "VA_SF", Unit: "VA", Doc: "total apparent power"},
			ACMeasurementVar:          {Name: "Var", Type: Int16, Scale: "Var_SF", Unit: "var", Doc: "total reactive power, positive when injected"},
			ACMeasurementPF:           {Name: "PF", Type: Int16, Scale: "PF_SF", Doc: "power factor"},
			ACMeasurementA:            {Name: "A", Type: Int16, Scale: "A_SF", Unit: "A", Doc: "total AC current"},
			ACMeasurementLLV:          {Name: "LLV", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "line-to-line voltage, mean of the active phases"},
			ACMeasurementLNV:          {Name: "LNV", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "line-to-neutral voltage, mean of the active phases"},
			ACMeasurementHz:           {Name: "Hz", Type: Uint32, Scale: "Hz_SF", Unit: "Hz", Doc: "frequency"},
			ACMeasurementTotWhInj:     {Name: "TotWhInj", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy injected since the counter began"},
			ACMeasurementTotWhAbs:     {Name: "TotWhAbs", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy absorbed since the counter began"},
			ACMeasurementTotVarhInj:   {Name: "TotVarhInj", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy injected"},
			ACMeasurementTotVarhAbs:   {Name: "TotVarhAbs", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy absorbed"},
			ACMeasurementTmpAmb:       {Name: "TmpAmb", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "ambient temperature"},
			ACMeasurementTmpCab:       {Name: "TmpCab", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "cabinet temperature"},
			ACMeasurementTmpSnk:       {Name: "TmpSnk", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "heat sink temperature"},
			ACMeasurementTmpTrns:      {Name: "TmpTrns", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "transformer temperature"},
			ACMeasurementTmpSw:        {Name: "TmpSw", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "switch temperature"},
			ACMeasurementTmpOt:        {Name: "TmpOt", Type: Int16, Scale: "Tmp_SF", Unit: "°C", Doc: "other temperature"},
			ACMeasurementWL1:          {Name: "WL1", Type: Int16, Scale: "W_SF", Unit: "W", Doc: "active power of phase L1"},
			ACMeasurementVAL1:         {Name: "VAL1", Type: Int16, Scale: "VA_SF", Unit: "VA", Doc: "apparent power of phase L1"},
			ACMeasurementVarL1:        {Name: "VarL1", Type: Int16, Scale: "Var_SF", Unit: "var", Doc: "reactive power of phase L1"},
			ACMeasurementPFL1:         {Name: "PFL1", Type: Int16, Scale: "PF_SF", Doc: "power factor of phase L1"},
			ACMeasurementAL1:          {Name: "AL1", Type: Int16, Scale: "A_SF", Unit: "A", Doc: "current of phase L1"},
			ACMeasurementVL1L2:        {Name: "VL1L2", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "voltage L1 to L2"},
			ACMeasurementVL1:          {Name: "VL1", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "voltage L1 to neutral"},
			ACMeasurementTotWhInjL1:   {Name: "TotWhInjL1", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy injected on L1 since the counter began"},
			ACMeasurementTotWhAbsL1:   {Name: "TotWhAbsL1", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy absorbed on L1 since the counter began"},
			ACMeasurementTotVarhInjL1: {Name: "TotVarhInjL1", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy injected on L1"},
			ACMeasurementTotVarhAbsL1: {Name: "TotVarhAbsL1", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy absorbed on L1"},
			ACMeasurementWL2:          {Name: "WL2", Type: Int16, Scale: "W_SF", Unit: "W", Doc: "active power of phase L2"},
			ACMeasurementVAL2:         {Name: "VAL2", Type: Int16, Scale: "VA_SF", Unit: "VA", Doc: "apparent power of phase L2"},
			ACMeasurementVarL2:        {Name: "VarL2", Type: Int16, Scale: "Var_SF", Unit: "var", Doc: "reactive power of phase L2"},
			ACMeasurementPFL2:         {Name: "PFL2", Type: Int16, Scale: "PF_SF", Doc: "power factor of phase L2"},
			ACMeasurementAL2:          {Name: "AL2", Type: Int16, Scale: "A_SF", Unit: "A", Doc: "current of phase L2"},
			ACMeasurementVL2L3:        {Name: "VL2L3", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "voltage L2 to L3"},
			ACMeasurementVL2:          {Name: "VL2", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "voltage L2 to neutral"},
			ACMeasurementTotWhInjL2:   {Name: "TotWhInjL2", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy injected on L2 since the counter began"},
			ACMeasurementTotWhAbsL2:   {Name: "TotWhAbsL2", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy absorbed on L2 since the counter began"},
			ACMeasurementTotVarhInjL2: {Name: "TotVarhInjL2", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy injected on L2"},
			ACMeasurementTotVarhAbsL2: {Name: "TotVarhAbsL2", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy absorbed on L2"},
			ACMeasurementWL3:          {Name: "WL3", Type: Int16, Scale: "W_SF", Unit: "W", Doc: "active power of phase L3"},
			ACMeasurementVAL3:         {Name: "VAL3", Type: Int16, Scale: "VA_SF", Unit: "VA", Doc: "apparent power of phase L3"},
			ACMeasurementVarL3:        {Name: "VarL3", Type: Int16, Scale: "Var_SF", Unit: "var", Doc: "reactive power of phase L3"},
			ACMeasurementPFL3:         {Name: "PFL3", Type: Int16, Scale: "PF_SF", Doc: "power factor of phase L3"},
			ACMeasurementAL3:          {Name: "AL3", Type: Int16, Scale: "A_SF", Unit: "A", Doc: "current of phase L3"},
			ACMeasurementVL3L1:        {Name: "VL3L1", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "voltage L3 to L1"},
			ACMeasurementVL3:          {Name: "VL3", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "voltage L3 to neutral"},
			ACMeasurementTotWhInjL3:   {Name: "TotWhInjL3", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy injected on L3 since the counter began"},
			ACMeasurementTotWhAbsL3:   {Name: "TotWhAbsL3", Type: Uint64, Scale: "TotWh_SF", Unit: "Wh", Doc: "energy absorbed on L3 since the counter began"},
			ACMeasurementTotVarhInjL3: {Name: "TotVarhInjL3", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy injected on L3"},
			ACMeasurementTotVarhAbsL3: {Name: "TotVarhAbsL3", Type: Uint64, Scale: "TotVarh_SF", Unit: "varh", Doc: "reactive energy absorbed on L3"},
			ACMeasurementThrotPct:     {Name: "ThrotPct", Type: Uint16, Unit: "%", Doc: "throttling, of the maximum active power"},
			ACMeasurementThrotSrc:     {Name: "ThrotSrc", Type: Bitfield32, Doc: "which function throttles, see the Function constants"},
			ACMeasurementASF:          {Name: "A_SF", Type: ScaleFactor, Doc: "exponent of currents"},
			ACMeasurementVSF:          {Name: "V_SF", Type: ScaleFactor, Doc: "exponent of voltages"},
			ACMeasurementHzSF:         {Name: "Hz_SF", Type: ScaleFactor, Doc: "exponent of the frequency"},
			ACMeasurementWSF:          {Name: "W_SF", Type: ScaleFactor, Doc: "exponent of active powers"},
			ACMeasurementPFSF:         {Name: "PF_SF", Type: ScaleFactor, Doc: "exponent of power factors"},
			ACMeasurementVASF:         {Name: "VA_SF", Type: ScaleFactor, Doc: "exponent of apparent powers"},
			ACMeasurementVarSF:        {Name: "Var_SF", Type: ScaleFactor, Doc: "exponent of reactive powers"},
			ACMeasurementTotWhSF:      {Name: "TotWh_SF", Type: ScaleFactor, Doc: "exponent of energies"},
			ACMeasurementTotVarhSF:    {Name: "TotVarh_SF", Type: ScaleFactor, Doc: "exponent of reactive energies"},
			ACMeasurementTmpSF:        {Name: "Tmp_SF", Type: ScaleFactor, Doc: "exponent of temperatures"},
			ACMeasurementMnAlrmInfo:   {Name: "MnAlrmInfo", Type: String, Size: 32, Doc: "manufacturer's alarm text, meant while its alarm bit is set"},
		},
	}
}
