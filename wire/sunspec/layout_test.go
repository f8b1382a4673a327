package sunspec

import (
	"strings"
	"testing"
)

// TestPublishedLayouts: lengths and offsets written out from the publication, apart from the tables.
func TestPublishedLayouts(t *testing.T) {
	for _, test := range []struct {
		model  Model
		groups int
		length uint16
		at     map[string]int
	}{
		{Common(), 0, 66, map[string]int{"Mn": 2, "Md": 18, "Opt": 34, "Vr": 42, "SN": 50, "DA": 66, "Pad": 67}},
		{ACMeasurement(), 0, 153, map[string]int{"ACType": 2, "InvSt": 4, "Alrm": 6, "W": 10, "PF": 13, "LNV": 16,
			"Hz": 17, "TotWhInj": 19, "TmpAmb": 35, "WL1": 41, "VL1L2": 46, "WL2": 64, "VL2": 70, "WL3": 87,
			"TotVarhAbsL3": 106, "ThrotPct": 110, "A_SF": 113, "Tmp_SF": 122, "MnAlrmInfo": 123}},
		{Capacity(), 0, 50, map[string]int{"WMaxRtg": 2, "WChaRteMaxRtg": 10, "AMaxRtg": 17, "CtrlModes": 23, "WMax": 26,
			"VNom": 38, "IntIslandCat": 44, "W_SF": 45, "S_SF": 51}},
		{EnterService(), 0, 17, map[string]int{"ES": 2, "ESHzHi": 5, "ESDlyRemTms": 15, "V_SF": 17, "Hz_SF": 18}},
		{ACControls(), 0, 65, map[string]int{"PFWInjEna": 2, "WMaxLimPctEna": 14, "WMaxLimPctRvrtTms": 18, "WSetEna": 22,
			"WSetMod": 23, "WSet": 24, "WSetRvrt": 26, "WSetPct": 28, "WSetEnaRvrt": 30, "WSetRvrtTms": 31,
			"WSetRvrtRem": 33, "VarSetEna": 35, "VarSet": 38, "VarSetRvrtRem": 47, "WRmp": 49, "AntiIslEna": 52,
			"PF_SF": 53, "WSet_SF": 55, "PFWInj.PF": 59, "PFWAbsRvrt.Ext": 66}},
		{StorageCapacity(), 0, 7, map[string]int{"WHRtg": 2, "SoC": 4, "Sta": 6, "WH_SF": 7, "Pct_SF": 8}},
		{DCMeasurement(), 0, 18, map[string]int{"PrtAlrms": 2, "NPrt": 4, "DCA": 5, "DCWhAbs": 11, "Tmp_SF": 19}},
		{DCMeasurement(), 2, 68, map[string]int{"Prt[0].PrtTyp": 20, "Prt[0].DCV": 31, "Prt[0].DCAlrm": 43,
			"Prt[1].PrtTyp": 45, "Prt[1].DCAlrm": 68}},
		{Control(), 0, 7, map[string]int{"LocRemCtl": 2, "DERHb": 3, "ControllerHb": 5, "AlarmReset": 7, "OpCtl": 8}},
	} {
		layout, err := test.model.Layout(test.groups)
		if err != nil {
			t.Fatal(err)
		}
		if layout.Length() != test.length {
			t.Errorf("model %d has length %d, published %d", test.model.ID, layout.Length(), test.length)
		}
		for name, offset := range test.at {
			i, err := layout.Index(name)
			if err != nil || layout.Offset(i) != offset {
				t.Errorf("model %d, %s at %d (%v), published %d", test.model.ID, name, layout.Offset(i), err, offset)
			}
		}
	}
}

// TestTables: what every model must hold, whatever is added.
func TestTables(t *testing.T) {
	last := uint16(0)
	for _, m := range Models() {
		if m.ID <= last {
			t.Errorf("model %d stands after %d", m.ID, last)
		}
		last = m.ID
		layout, err := m.Layout(min(len(m.Group), 1))
		if err != nil {
			t.Fatal(err)
		}
		if layout.Point(0).Name != "ID" || layout.Point(1).Name != "L" || len(layout.index) != layout.Len() {
			t.Errorf("model %d does not begin with ID and L, or a name stands twice", m.ID)
		}
		for i := range layout.Len() {
			p := layout.Point(i)
			if p.Doc == "" || p.Writable && (p.Type == ScaleFactor || p.Type == Pad) || p.Type == String && p.Size == 0 {
				t.Errorf("model %d, point %d %s: %+v", m.ID, i, p.Name, p)
			}
			if strings.HasSuffix(p.Name, "_SF") != (p.Type == ScaleFactor) {
				t.Errorf("model %d: %s is a %s", m.ID, p.Name, p.Type)
			}
		}
		if m.Group != "" {
			i := m.Repeated(0, 1)
			if layout.Point(i).Name != m.Group+"[0]."+m.GroupPoints[1].Name {
				t.Errorf("model %d: repeated point is %s", m.ID, layout.Point(i).Name)
			}
		}
	}
	if _, err := Common().Layout(1); err == nil {
		t.Error("model 1 has no group to repeat")
	}
	if _, err := DCMeasurement().Layout(3000); err == nil {
		t.Error("3000 ports do not fit into the address space")
	}
}

func TestConstantsMatchSymbols(t *testing.T) {
	for _, test := range []struct {
		model  Model
		point  int
		value  int
		symbol string
	}{
		{ACControls(), ACControlsWSetEna, Enabled, "ENABLED"}, {ACControls(), ACControlsWSetMod, WSetWatts, "WATTS"},
		{Control(), ControlLocRemCtl, LocalControl, "LOCAL"}, {Control(), ControlOpCtl, OpExitStandby, "EXIT_STANDBY"},
		{ACMeasurement(), ACMeasurementInvSt, StateFault, "FAULT"},
		{ACMeasurement(), ACMeasurementInvSt, StateStandby, "STANDBY"},
		{ACMeasurement(), ACMeasurementACType, ThreePhase, "THREE_PHASE"},
	} {
		if got := test.model.Points[test.point].Symbols[test.value]; got != test.symbol {
			t.Errorf("%d is %s, not %s", test.value, got, test.symbol)
		}
	}
}

func TestManual(t *testing.T) {
	layout, err := ACControls().Layout(0)
	if err != nil {
		t.Fatal(err)
	}
	manual := layout.Manual()
	for _, want := range []string{
		"## SunSpec model 704, DERCtlAC\n\nHolds set-points at the AC terminals",
		"| 24 | `WSet` | int32 | WSet_SF | W | rw | active power set-point, negative when absorbing |",
		"| 23 | `WSetMod` | enum16 |  |  | rw | which of the two set-points counts: 0 W_MAX_PCT, 1 WATTS |",
	} {
		if !strings.Contains(manual, want) {
			t.Errorf("the manual lacks %q:\n%s", want, manual)
		}
	}
}
