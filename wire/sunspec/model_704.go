package sunspec

// Points of model 704, DERCtlAC: set-points at the AC terminals, each with a reversion value and a timer.
const (
	ACControlsID = iota
	ACControlsL
	ACControlsPFWInjEna
	ACControlsPFWInjEnaRvrt
	ACControlsPFWInjRvrtTms
	ACControlsPFWInjRvrtRem
	ACControlsPFWAbsEna
	ACControlsPFWAbsEnaRvrt
	ACControlsPFWAbsRvrtTms
	ACControlsPFWAbsRvrtRem
	ACControlsWMaxLimPctEna
	ACControlsWMaxLimPct
	ACControlsWMaxLimPctRvrt
	ACControlsWMaxLimPctEnaRvrt
	ACControlsWMaxLimPctRvrtTms
	ACControlsWMaxLimPctRvrtRem
	ACControlsWSetEna
	ACControlsWSetMod
	ACControlsWSet
	ACControlsWSetRvrt
	ACControlsWSetPct
	ACControlsWSetPctRvrt
	ACControlsWSetEnaRvrt
	ACControlsWSetRvrtTms
	ACControlsWSetRvrtRem
	ACControlsVarSetEna
	ACControlsVarSetMod
	ACControlsVarSetPri
	ACControlsVarSet
	ACControlsVarSetRvrt
	ACControlsVarSetPct
	ACControlsVarSetPctRvrt
	ACControlsVarSetEnaRvrt
	ACControlsVarSetRvrtTms
	ACControlsVarSetRvrtRem
	ACControlsWRmp
	ACControlsWRmpRef
	ACControlsVarRmp
	ACControlsAntiIslEna
	ACControlsPFSF
	ACControlsWMaxLimPctSF
	ACControlsWSetSF
	ACControlsWSetPctSF
	ACControlsVarSetSF
	ACControlsVarSetPctSF
	ACControlsPFWInjPF
	ACControlsPFWInjExt
	ACControlsPFWInjRvrtPF
	ACControlsPFWInjRvrtExt
	ACControlsPFWAbsPF
	ACControlsPFWAbsExt
	ACControlsPFWAbsRvrtPF
	ACControlsPFWAbsRvrtExt
)

// ACControls is model 704, DERCtlAC: set-points at the AC terminals, each with a reversion value and a timer.
func ACControls() Model {
	return Model{
		ID: 704, Name: "DERCtlAC", Doc: "set-points at the AC terminals, each with a reversion value and a timer",
		Points: []Point{
			ACControlsID:                {Name: "ID", Type: Uint16, Doc: "model number"},
			ACControlsL:                 {Name: "L", Type: Uint16, Doc: "registers after this one"},
			ACControlsPFWInjEna:         {Name: "PFWInjEna", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "power factor while injecting: in force"},
			ACControlsPFWInjEnaRvrt:     {Name: "PFWInjEnaRvrt", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "the same after reversion"},
			ACControlsPFWInjRvrtTms:     {Name: "PFWInjRvrtTms", Type: Uint32, Unit: "s", Writable: true, Doc: "reversion time"},
			ACControlsPFWInjRvrtRem:     {Name: "PFWInjRvrtRem", Type: Uint32, Unit: "s", Doc: "reversion time remaining"},
			ACControlsPFWAbsEna:         {Name: "PFWAbsEna", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "power factor while absorbing: in force"},
			ACControlsPFWAbsEnaRvrt:     {Name: "PFWAbsEnaRvrt", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "the same after reversion"},
			ACControlsPFWAbsRvrtTms:     {Name: "PFWAbsRvrtTms", Type: Uint32, Unit: "s", Writable: true, Doc: "reversion time"},
			ACControlsPFWAbsRvrtRem:     {Name: "PFWAbsRvrtRem", Type: Uint32, Unit: "s", Doc: "reversion time remaining"},
			ACControlsWMaxLimPctEna:     {Name: "WMaxLimPctEna", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "limit of active power: in force"},
			ACControlsWMaxLimPct:        {Name: "WMaxLimPct", Type: Uint16, Scale: "WMaxLimPct_SF", Unit: "%", Writable: true, Doc: "limit, of the maximum active power"},
			ACControlsWMaxLimPctRvrt:    {Name: "WMaxLimPctRvrt", Type: Uint16, Scale: "WMaxLimPct_SF", Unit: "%", Writable: true, Doc: "limit after reversion"},
			ACControlsWMaxLimPctEnaRvrt: {Name: "WMaxLimPctEnaRvrt", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "in force after reversion"},
			ACControlsWMaxLimPctRvrtTms: {Name: "WMaxLimPctRvrtTms", Type: Uint32, Unit: "s", Writable: true, Doc: "reversion time"},
			ACControlsWMaxLimPctRvrtRem: {Name: "WMaxLimPctRvrtRem", Type: Uint32, Unit: "s", Doc: "reversion time remaining"},
			ACControlsWSetEna:           {Name: "WSetEna", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "active power set-point: in force"},
			ACControlsWSetMod:           {Name: "WSetMod", Type: Enum16, Writable: true, Symbols: []string{"W_MAX_PCT", "WATTS"}, Doc: "which of the two set-points counts"},
			ACControlsWSet:              {Name: "WSet", Type: Int32, Scale: "WSet_SF", Unit: "W", Writable: true, Doc: "active power set-point, negative when absorbing"},
			ACControlsWSetRvrt:          {Name: "WSetRvrt", Type: Int32, Scale: "WSet_SF", Unit: "W", Writable: true, Doc: "set-point after reversion"},
			ACControlsWSetPct:           {Name: "WSetPct", Type: Int16, Scale: "WSetPct_SF", Unit: "%", Writable: true, Doc: "set-point, of the maximum active power"},
			ACControlsWSetPctRvrt:       {Name: "WSetPctRvrt", Type: Int16, Scale: "WSetPct_SF", Unit: "%", Writable: true, Doc: "set-point after reversion"},
			ACControlsWSetEnaRvrt:       {Name: "WSetEnaRvrt", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "in force after reversion"},
			ACControlsWSetRvrtTms:       {Name: "WSetRvrtTms", Type: Uint32, Unit: "s", Writable: true, Doc: "reversion time"},
			ACControlsWSetRvrtRem:       {Name: "WSetRvrtRem", Type: Uint32, Unit: "s", Doc: "reversion time remaining"},
			ACControlsVarSetEna:         {Name: "VarSetEna", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "reactive power set-point: in force"},
			ACControlsVarSetMod:         {Name: "VarSetMod", Type: Enum16, Writable: true, Symbols: []string{"W_MAX_PCT", "VAR_MAX_PCT", "VAR_AVAIL_PCT", "VARS"}, Doc: "what the set-point refers to"},
			ACControlsVarSetPri:         {Name: "VarSetPri", Type: Enum16, Writable: true, Symbols: []string{"ACTIVE", "REACTIVE", "IEEE_1547", "PF", "VENDOR"}, Doc: "which power yields"},
			ACControlsVarSet:            {Name: "VarSet", Type: Int32, Scale: "VarSet_SF", Unit: "var", Writable: true, Doc: "reactive power set-point"},
			ACControlsVarSetRvrt:        {Name: "VarSetRvrt", Type: Int32, Scale: "VarSet_SF", Unit: "var", Writable: true, Doc: "set-point after reversion"},
			ACControlsVarSetPct:         {Name: "VarSetPct", Type: Int16, Scale: "VarSetPct_SF", Unit: "%", Writable: true, Doc: "set-point as a share"},
			ACControlsVarSetPctRvrt:     {Name: "VarSetPctRvrt", Type: Int16, Scale: "VarSetPct_SF", Unit: "%", Writable: true, Doc: "share after reversion"},
			ACControlsVarSetEnaRvrt:     {Name: "VarSetEnaRvrt", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "in force after reversion"},
			ACControlsVarSetRvrtTms:     {Name: "VarSetRvrtTms", Type: Uint32, Unit: "s", Writable: true, Doc: "reversion time"},
			ACControlsVarSetRvrtRem:     {Name: "VarSetRvrtRem", Type: Uint32, Unit: "s", Doc: "reversion time remaining"},
			ACControlsWRmp:              {Name: "WRmp", Type: Uint16, Unit: "%/s", Writable: true, Doc: "ramp of active power upwards, of the maximum"},
			ACControlsWRmpRef:           {Name: "WRmpRef", Type: Enum16, Writable: true, Symbols: []string{"A_MAX", "W_MAX"}, Doc: "what the ramp refers to"},
			ACControlsVarRmp:            {Name: "VarRmp", Type: Uint16, Unit: "%/s", Writable: true, Doc: "ramp of reactive power, of the maximum"},
			ACControlsAntiIslEna:        {Name: "AntiIslEna", Type: Enum16, Writable: true, Symbols: offOn(), Doc: "anti-islanding"},
			ACControlsPFSF:              {Name: "PF_SF", Type: ScaleFactor, Doc: "exponent of power factors"},
			ACControlsWMaxLimPctSF:      {Name: "WMaxLimPct_SF", Type: ScaleFactor, Doc: "exponent of the limit"},
			ACControlsWSetSF:            {Name: "WSet_SF", Type: ScaleFactor, Doc: "exponent of set-points in W"},
			ACControlsWSetPctSF:         {Name: "WSetPct_SF", Type: ScaleFactor, Doc: "exponent of set-points in %"},
			ACControlsVarSetSF:          {Name: "VarSet_SF", Type: ScaleFactor, Doc: "exponent of set-points in var"},
			ACControlsVarSetPctSF:       {Name: "VarSetPct_SF", Type: ScaleFactor, Doc: "exponent of reactive shares"},
			ACControlsPFWInjPF:          {Name: "PFWInj.PF", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "power factor while injecting"},
			ACControlsPFWInjExt:         {Name: "PFWInj.Ext", Type: Enum16, Writable: true, Symbols: excitation(), Doc: "its excitation"},
			ACControlsPFWInjRvrtPF:      {Name: "PFWInjRvrt.PF", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "power factor while injecting, after reversion"},
			ACControlsPFWInjRvrtExt:     {Name: "PFWInjRvrt.Ext", Type: Enum16, Writable: true, Symbols: excitation(), Doc: "its excitation"},
			ACControlsPFWAbsPF:          {Name: "PFWAbs.PF", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "power factor while absorbing"},
			ACControlsPFWAbsExt:         {Name: "PFWAbs.Ext", Type: Enum16, Writable: true, Symbols: excitation(), Doc: "its excitation"},
			ACControlsPFWAbsRvrtPF:      {Name: "PFWAbsRvrt.PF", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "power factor while absorbing, after reversion"},
			ACControlsPFWAbsRvrtExt:     {Name: "PFWAbsRvrt.Ext", Type: Enum16, Writable: true, Symbols: excitation(), Doc: "its excitation"},
		},
	}
}
