package sunspec

// Points of model 702, DERCapacity: nameplate ratings, and settings that lower them.
const (
	CapacityID = iota
	CapacityL
	CapacityWMaxRtg
	CapacityWOvrExtRtg
	CapacityWOvrExtRtgPF
	CapacityWUndExtRtg
	CapacityWUndExtRtgPF
	CapacityVAMaxRtg
	CapacityVarMaxInjRtg
	CapacityVarMaxAbsRtg
	CapacityWChaRteMaxRtg
	CapacityWDisChaRteMaxRtg
	CapacityVAChaRteMaxRtg
	CapacityVADisChaRteMaxRtg
	CapacityVNomRtg
	CapacityVMaxRtg
	CapacityVMinRtg
	CapacityAMaxRtg
	CapacityPFOvrExtRtg
	CapacityPFUndExtRtg
	CapacityReactSusceptRtg
	CapacityNorOpCatRtg
	CapacityAbnOpCatRtg
	CapacityCtrlModes
	CapacityIntIslandCatRtg
	CapacityWMax
	CapacityWMaxOvrExt
	CapacityWOvrExtPF
	CapacityWMaxUndExt
	CapacityWUndExtPF
	CapacityVAMax
	CapacityVarMaxInj
	CapacityVarMaxAbs
	CapacityWChaRteMax
	CapacityWDisChaRteMax
	CapacityVAChaRteMax
	CapacityVADisChaRteMax
	CapacityVNom
	CapacityVMax
	CapacityVMin
	CapacityAMax
	CapacityPFOvrExt
	CapacityPFUndExt
	CapacityIntIslandCat
	CapacityWSF
	CapacityPFSF
	CapacityVASF
	CapacityVarSF
	CapacityVSF
	CapacityASF
	CapacitySSF
)

// Capacity is model 702, DERCapacity: nameplate ratings, and settings that lower them.
func Capacity() Model {
	return Model{
		ID: 702, Name: "DERCapacity", Doc: "nameplate ratings, and settings that lower them",
		Points: []Point{
			CapacityID:                {Name: "ID", Type: Uint16, Doc: "model number"},
			CapacityL:                 {Name: "L", Type: Uint16, Doc: "registers after this one"},
			CapacityWMaxRtg:           {Name: "WMaxRtg", Type: Uint16, Scale: "W_SF", Unit: "W", Doc: "active power rating at unity power factor"},
			CapacityWOvrExtRtg:        {Name: "WOvrExtRtg", Type: Uint16, Scale: "W_SF", Unit: "W", Doc: "active power rating at the over-excited power factor"},
			CapacityWOvrExtRtgPF:      {Name: "WOvrExtRtgPF", Type: Uint16, Scale: "PF_SF", Doc: "that over-excited power factor"},
			CapacityWUndExtRtg:        {Name: "WUndExtRtg", Type: Uint16, Scale: "W_SF", Unit: "W", Doc: "active power rating at the under-excited power factor"},
			CapacityWUndExtRtgPF:      {Name: "WUndExtRtgPF", Type: Uint16, Scale: "PF_SF", Doc: "that under-excited power factor"},
			CapacityVAMaxRtg:          {Name: "VAMaxRtg", Type: Uint16, Scale: "VA_SF", Unit: "VA", Doc: "apparent power rating"},
			CapacityVarMaxInjRtg:      {Name: "VarMaxInjRtg", Type: Uint16, Scale: "Var_SF", Unit: "var", Doc: "injected reactive power rating"},
			CapacityVarMaxAbsRtg:      {Name: "VarMaxAbsRtg", Type: Uint16, Scale: "Var_SF", Unit: "var", Doc: "absorbed reactive power rating"},
			CapacityWChaRteMaxRtg:     {Name: "WChaRteMaxRtg", Type: Uint16, Scale: "W_SF", Unit: "W", Doc: "charge rating"},
			CapacityWDisChaRteMaxRtg:  {Name: "WDisChaRteMaxRtg", Type: Uint16, Scale: "W_SF", Unit: "W", Doc: "discharge rating"},
			CapacityVAChaRteMaxRtg:    {Name: "VAChaRteMaxRtg", Type: Uint16, Scale: "VA_SF", Unit: "VA", Doc: "apparent charge rating"},
			CapacityVADisChaRteMaxRtg: {Name: "VADisChaRteMaxRtg", Type: Uint16, Scale: "VA_SF", Unit: "VA", Doc: "apparent discharge rating"},
			CapacityVNomRtg:           {Name: "VNomRtg", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "nominal AC voltage"},
			CapacityVMaxRtg:           {Name: "VMaxRtg", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "highest AC voltage"},
			CapacityVMinRtg:           {Name: "VMinRtg", Type: Uint16, Scale: "V_SF", Unit: "V", Doc: "lowest AC voltage"},
			CapacityAMaxRtg:           {Name: "AMaxRtg", Type: Uint16, Scale: "A_SF", Unit: "A", Doc: "AC current rating"},
			CapacityPFOvrExtRtg:       {Name: "PFOvrExtRtg", Type: Uint16, Scale: "PF_SF", Doc: "over-excited power factor rating (repeats WOvrExtRtgPF)"},
			CapacityPFUndExtRtg:       {Name: "PFUndExtRtg", Type: Uint16, Scale: "PF_SF", Doc: "under-excited power factor rating (repeats WUndExtRtgPF)"},
			CapacityReactSusceptRtg:   {Name: "ReactSusceptRtg", Type: Uint16, Scale: "S_SF", Unit: "S", Doc: "susceptance that stays connected after ceasing to energise"},
			CapacityNorOpCatRtg:       {Name: "NorOpCatRtg", Type: Enum16, Symbols: []string{"CAT_A", "CAT_B"}, Doc: "IEEE 1547-2018 normal operating category"},
			CapacityAbnOpCatRtg:       {Name: "AbnOpCatRtg", Type: Enum16, Symbols: []string{"CAT_1", "CAT_2", "CAT_3"}, Doc: "IEEE 1547-2018 abnormal operating category"},
			CapacityCtrlModes:         {Name: "CtrlModes", Type: Bitfield32, Doc: "supported control functions, see the Function constants"},
			CapacityIntIslandCatRtg:   {Name: "IntIslandCatRtg", Type: Bitfield16, Doc: "intentional island categories, see the Island constants"},
			CapacityWMax:              {Name: "WMax", Type: Uint16, Scale: "W_SF", Unit: "W", Writable: true, Doc: "active power setting"},
			CapacityWMaxOvrExt:        {Name: "WMaxOvrExt", Type: Uint16, Scale: "W_SF", Unit: "W", Writable: true, Doc: "active power setting, over-excited"},
			CapacityWOvrExtPF:         {Name: "WOvrExtPF", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "its power factor"},
			CapacityWMaxUndExt:        {Name: "WMaxUndExt", Type: Uint16, Scale: "W_SF", Unit: "W", Writable: true, Doc: "active power setting, under-excited"},
			CapacityWUndExtPF:         {Name: "WUndExtPF", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "its power factor"},
			CapacityVAMax:             {Name: "VAMax", Type: Uint16, Scale: "VA_SF", Unit: "VA", Writable: true, Doc: "apparent power setting"},
			CapacityVarMaxInj:         {Name: "VarMaxInj", Type: Uint16, Scale: "Var_SF", Unit: "var", Writable: true, Doc: "injected reactive power setting"},
			CapacityVarMaxAbs:         {Name: "VarMaxAbs", Type: Uint16, Scale: "Var_SF", Unit: "var", Writable: true, Doc: "absorbed reactive power setting"},
			CapacityWChaRteMax:        {Name: "WChaRteMax", Type: Uint16, Scale: "W_SF", Unit: "W", Writable: true, Doc: "charge rate setting"},
			CapacityWDisChaRteMax:     {Name: "WDisChaRteMax", Type: Uint16, Scale: "W_SF", Unit: "W", Writable: true, Doc: "discharge rate setting"},
			CapacityVAChaRteMax:       {Name: "VAChaRteMax", Type: Uint16, Scale: "VA_SF", Unit: "VA", Writable: true, Doc: "apparent charge rate setting"},
			CapacityVADisChaRteMax:    {Name: "VADisChaRteMax", Type: Uint16, Scale: "VA_SF", Unit: "VA", Writable: true, Doc: "apparent discharge rate setting"},
			CapacityVNom:              {Name: "VNom", Type: Uint16, Scale: "V_SF", Unit: "V", Writable: true, Doc: "nominal AC voltage setting"},
			CapacityVMax:              {Name: "VMax", Type: Uint16, Scale: "V_SF", Unit: "V", Writable: true, Doc: "highest AC voltage setting"},
			CapacityVMin:              {Name: "VMin", Type: Uint16, Scale: "V_SF", Unit: "V", Writable: true, Doc: "lowest AC voltage setting"},
			CapacityAMax:              {Name: "AMax", Type: Uint16, Scale: "A_SF", Unit: "A", Writable: true, Doc: "AC current setting"},
			CapacityPFOvrExt:          {Name: "PFOvrExt", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "over-excited power factor setting (repeats WOvrExtPF)"},
			CapacityPFUndExt:          {Name: "PFUndExt", Type: Uint16, Scale: "PF_SF", Writable: true, Doc: "under-excited power factor setting (repeats WUndExtPF)"},
			CapacityIntIslandCat:      {Name: "IntIslandCat", Type: Bitfield16, Writable: true, Doc: "intentional island categories in use"},
			CapacityWSF:               {Name: "W_SF", Type: ScaleFactor, Doc: "exponent of active powers"},
			CapacityPFSF:              {Name: "PF_SF", Type: ScaleFactor, Doc: "exponent of power factors"},
			CapacityVASF:              {Name: "VA_SF", Type: ScaleFactor, Doc: "exponent of apparent powers"},
			CapacityVarSF:             {Name: "Var_SF", Type: ScaleFactor, Doc: "exponent of reactive powers"},
			CapacityVSF:               {Name: "V_SF", Type: ScaleFactor, Doc: "exponent of voltages"},
			CapacityASF:               {Name: "A_SF", Type: ScaleFactor, Doc: "exponent of currents"},
			CapacitySSF:               {Name: "S_SF", Type: ScaleFactor, Doc: "exponent of the susceptance"},
		},
	}
}
