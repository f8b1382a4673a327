package scenario

import (
	"reflect"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
)

// document is the file as it is written: the keys of package scenario's own comment.
type document struct {
	Name     string
	About    string
	Unit     *config.Node
	Site     *config.Node
	Start    string
	For      bess.Span
	Seed     uint64
	Packs    *config.Node
	Series   seriesText
	Sessions *sessionsText
	Vehicles []vehicleText
	Bookings []bookingText
	Story    *config.Node
}

type seriesText struct {
	Loads      []curveText
	Irradiance *curveText
	Ambient    *curveText
	Price      *curveText
	Carbon     *curveText
}

// curveText is one series: exactly one of its forms.
type curveText struct {
	Circuit  *config.Node // of a load: name or number
	Constant string
	Points   string
	Day      *dayText
	Sun      *sunText
	CSV      *csvText
	Scale    float64
}

// dayText swings between a low and a high once a day.
type dayText struct {
	Low     string
	High    string
	Warmest string // time of day of the high
}

// sunText is a bright day with clouds.
type sunText struct {
	Peak  string
	Rise  string
	Set   string
	Cloud si.Ratio // share taken on average; drawn from the seed
}

// csvText is a column of real data.
type csvText struct {
	File   string
	Time   string // column of the stamps
	Value  string // column of the values
	Unit   string
	Zone   string // of stamps without offset: "UTC", "Europe/London"; "offset": they carry their own
	Stamps stampPlace
	Period bess.Span
	Gaps   gapPolicy
	Hold   bess.Span // with gaps: hold: at most this long
	Zero   zeroMeaning
}

type sessionsText struct {
	CSV        string
	Zone       string // wall-clock time is kept in this zone
	RapidAbove si.Watts
	Outlets    []string // outlets that may be used; empty: all
	AtMost     int      // visits; 0: all
	Day        string   // "busiest": only the day with most visits, on every day of the scenario
}

type vehicleText struct {
	Name    string
	Battery si.WattHours
	AC      si.Watts
	Phases  int
	DC      si.Watts
	Volts   si.Volts
	SoC     si.Ratio
	Curve   string // "0 % 50 kW, 80 % 30 kW"
	Like    *likeText
}

// likeText takes the measured charge curve of a real car, scaled to this vehicle's highest power.
type likeText struct {
	CSV   string
	Brand string
	Model string
}

type bookingText struct {
	Outlet  *config.Node
	Vehicle string
	At      []string // times of day
	Need    si.WattHours
	Stay    bess.Span
	Rate    si.Watts
	SoC     si.Ratio
	Days    string // "1..3"; empty: every day
	Told    bess.Span
}

type packText struct {
	SoC         si.Ratio
	Health      si.Ratio
	Temperature si.Celsius
}

// start gives every optional part its defaults.
func start(t reflect.Type, _ *config.Node, _ int) any {
	switch t {
	case reflect.TypeFor[curveText]():
		return curveText{Scale: 1}
	case reflect.TypeFor[csvText]():
		return csvText{Time: "time_utc", Zone: "UTC", Period: bess.Hour, Hold: 3 * bess.Hour}
	case reflect.TypeFor[sessionsText]():
		return sessionsText{Zone: "Europe/London", RapidAbove: 11e3}
	case reflect.TypeFor[vehicleText]():
		return vehicleText{Phases: 1, Volts: 350, SoC: 0.3}
	case reflect.TypeFor[packText]():
		return standardPack()
	}
	return reflect.Zero(t).Interface()
}

func standardPack() packText { return packText{SoC: 0.6, Temperature: 18} }

// stampPlace is where in its period a stamp stands.
type stampPlace string

// gapPolicy is what happens where data is missing.
type gapPolicy string

// zeroMeaning says whether a 0 is a value or a missing value.
type zeroMeaning string

// UnmarshalText accepts start or end.
func (p *stampPlace) UnmarshalText(text []byte) error {
	return oneOf((*string)(p), string(text), "start", "end")
}

// UnmarshalText accepts keep, hold or refuse.
func (p *gapPolicy) UnmarshalText(text []byte) error {
	return oneOf((*string)(p), string(text), "keep", "hold", "refuse")
}

// UnmarshalText accepts value or missing.
func (p *zeroMeaning) UnmarshalText(text []byte) error {
	return oneOf((*string)(p), string(text), "value", "missing")
}
