package scenario

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"reprise/bess/si"
)

// standardVehicles are the kinds that every scenario knows; one of the same name replaces them. The plug-in hybrid is
// the reference job's (31.8 kWh usable, 7.2 kW AC and 50 kW DC are public), the flagship has 117 kWh at 800 V; the
// other numbers are assumptions.
func standardVehicles() []Vehicle {
	return []Vehicle{
		{Name: "phev", Battery: 31800, AC: 7200, Phases: 1, DC: 50e3, Volts: 350, SoC: 0.2},
		{Name: "car", Battery: 60e3, AC: 11e3, Phases: 3, DC: 120e3, Volts: 400, SoC: 0.3, Curve: []CurvePoint{{0, 100e3}, {0.1, 120e3}, {0.5, 90e3}, {0.8, 50e3}, {1, 8e3}}},
		{Name: "flagship", Battery: 117e3, AC: 11e3, Phases: 3, DC: 350e3, Volts: 800, SoC: 0.2, Curve: []CurvePoint{{0, 250e3}, {0.1, 350e3}, {0.3, 300e3}, {0.6, 180e3}, {0.8, 110e3}, {1, 10e3}}},
	}
}

func unknownVehicle(name string, known []Vehicle) error {
	var names []string
	for i := range known {
		names = append(names, known[i].Name)
	}
	return fmt.Errorf("there is no vehicle %q: write %s, or add it to vehicles", name, strings.Join(names, ", "))
}

// vehicles adds the scenario's own kinds.
func (l *loader) vehicles() {
	l.out.Vehicles = standardVehicles()
	own := map[string]bool{}
	for i := range l.doc.Vehicles {
		t, path := &l.doc.Vehicles[i], fmt.Sprintf("vehicles[%d]", i+1)
		v := Vehicle{Name: t.Name, Battery: t.Battery, AC: t.AC, Phases: t.Phases, DC: t.DC, Volts: t.Volts, SoC: t.SoC}
		switch {
		case t.Name == "" || strings.ContainsAny(t.Name, " \t\""):
			l.fault(path, errors.New("a kind of vehicle needs a name of one word: write it like phev"))
		case own[t.Name]:
			l.fault(path, fmt.Errorf("the vehicle %q is written twice: rename one", t.Name))
		case v.Battery <= 0 || v.AC <= 0 && v.DC <= 0 && t.Curve == "" && t.Like == nil || v.SoC > 1 || v.Volts <= 0 || v.Phases < 1 || v.Phases > 3:
			l.fault(path, errors.New("battery, and ac or dc, must be above zero, soc at most 100 %, phases 1 to 3: correct them"))
		}
		own[t.Name] = true
		var err error
		switch {
		case t.Curve != "" && t.Like != nil:
			err = errors.New("curve and like are both written: keep one")
		case t.Curve != "":
			v.Curve, err = curveOf(t.Curve)
		case t.Like != nil:
			v.Curve, err = l.measured(t.Like, v.DC)
		}
		if err != nil {
			l.fault(path, err)
		}
		if v.DC == 0 {
			v.DC = highestOf(v.Curve)
		}
		if at := slices.IndexFunc(l.out.Vehicles, func(x Vehicle) bool { return x.Name == v.Name }); at >= 0 {
			l.out.Vehicles[at] = v
			continue
		}
		l.out.Vehicles = append(l.out.Vehicles, v)
	}
}

// measured takes a real car's charge curve, scaled so that its highest power is the
// vehicle's, where that has one.
func (l *loader) measured(like *likeText, highest si.Watts) ([]CurvePoint, error) {
	files, err := l.reader.find(like.CSV)
	if err != nil {
		return nil, err
	}
	file, err := l.reader.open(files[0])
	if err != nil {
		return nil, err
	}
	curve, model, err := readChargeCurve(files[0], file, like)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	top := highestOf(curve)
	if len(curve) < 2 || top <= 0 {
		return nil, &DataAbsentError{like.CSV, fmt.Sprintf("it has no charge curve of %s %s", like.Brand, like.Model)}
	}
	if highest == 0 || highest == top {
		l.note("charge curve: that of %s, up to %v", model, top)
		return curve, nil
	}
	for i := range curve {
		curve[i].Power = si.Watts(float64(curve[i].Power) * float64(highest) / float64(top))
	}
	l.note("charge curve: that of %s, scaled from %v to %v", model, top, highest)
	return curve, nil
}

// highestOf is the highest power of a charge curve.
func highestOf(curve []CurvePoint) si.Watts {
	top := si.Watts(0)
	for _, p := range curve {
		top = max(top, p.Power)
	}
	return top
}

// readChargeCurve reads the first curve of a brand and model; an empty model, or brand, takes the first there is.
func readChargeCurve(name string, text io.Reader, like *likeText) ([]CurvePoint, string, error) {
	rows, err := newRowReader(name, text, []string{"brand", "model", "soc_pct", "dc_power_kw"}, "variant")
	if err != nil {
		return nil, "", err
	}
	var curve []CurvePoint
	found := ""
	for {
		row, line, err := rows.next()
		if errors.Is(err, io.EOF) {
			return curve, found, nil
		}
		if err != nil {
			return nil, "", err
		}
		if like.Brand != "" && row[0] != like.Brand || like.Model != "" && row[1] != like.Model {
			continue
		}
		model := strings.TrimSpace(row[0] + " " + row[1] + " " + row[4])
		if found == "" {
			found = model
		}
		if model != found {
			continue
		}
		soc, err1 := strconv.ParseFloat(row[2], 64)
		power, err2 := strconv.ParseFloat(row[3], 64)
		if err1 != nil || err2 != nil || !(soc >= 0 && soc <= 100) || !(power >= 0 && power < 5000) {
			return nil, "", fmt.Errorf("%s:%d: %q and %q are no state of charge and power: correct the row", name, line, row[2], row[3])
		}
		r := si.Ratio(soc / 100)
		if len(curve) > 0 && r <= curve[len(curve)-1].SoC {
			continue
		}
		curve = append(curve, CurvePoint{r, si.Watts(power * 1000)})
	}
}
