package bess

// Explanation answers "why did it do that" for one tick of a unit: the body of
// GET /api/v1/why and of `reprise why --json`. Like a Picture it speaks to
// people: powers are W with the sign of this package, wall times ms.
type Explanation struct {
	Unit         string            `json:"unit"`
	Site         string            `json:"site"`
	Tick         uint64            `json:"tick"`
	Asked        int64             `json:"asked"`       // the wall time that was asked for
	At           int64             `json:"at"`          // of the tick that is explained: the last one not after it
	ZoneOffset   int32             `json:"zone_offset"` // s east of UTC at the site
	ClockTrust   string            `json:"clock_trust"` // none, local, high
	Service      string            `json:"service"`
	Network      string            `json:"network"`
	NetworkSince int64             `json:"network_since"`
	Answer       []string          `json:"answer"` // sentences for a crew, the weightiest first
	Rules        []RuleExplanation `json:"rules"`  // safety rules that acted, the hardest first
	Parts        []PartExplanation `json:"parts"`
	Standing     []LimitInForce    `json:"standing"` // limits of the unit as a whole
	Requests     []RequestOnRecord `json:"requests"` // asked within the time around it, with their answers
	Promises     []VisitPicture    `json:"promises"` // visits and bookings that waited or charged
	Events       []EventOnRecord   `json:"events"`   // within the time around it, in order
	Around       float64           `json:"around_s"` // seconds before and after that were looked at
	Notes        []string          `json:"notes"`    // what to know about this answer itself
}

// RuleExplanation is a safety rule that acted.
type RuleExplanation struct {
	Number    int    `json:"number"`
	Rule      string `json:"rule"` // such as pack-temperature-trip
	Where     string `json:"where"`
	Level     string `json:"level"`
	What      string `json:"what"`
	Did       string `json:"did"`
	Because   string `json:"because"` // why the row of the table is as it is
	Watches   string `json:"watches"` // its signal in words
	Bound     string `json:"bound"`   // its limit in words
	Unit      string `json:"unit"`    // of value and limit; empty: yes or no
	Value     Figure `json:"value"`   // the measurement that raised it
	Limit     Figure `json:"limit"`
	Since     int64  `json:"since"`   // wall time
	Acting    bool   `json:"acting"`  // its condition held then
	Latched   bool   `json:"latched"` // it stayed until a person cleared it
	ClearedBy string `json:"cleared_by"`
	MayDo     string `json:"may_do"`
}

// PartExplanation is what one part of the machine did and who decided it.
type PartExplanation struct {
	Kind       string         `json:"kind"`  // as SubjectKind prints
	Index      int            `json:"index"` // counted from zero
	Name       string         `json:"name"`
	State      string         `json:"state"`
	Answer     string         `json:"answer"`  // one sentence
	Decided    string         `json:"decided"` // rule or choice
	Rule       string         `json:"rule,omitempty"`
	Why        string         `json:"why"` // the sentence of the choice
	By         string         `json:"by"`  // who set what binds; empty: nothing binds
	Binds      bool           `json:"binds"`
	Since      int64          `json:"since"`       // it has been so since then, or
	SinceExact bool           `json:"since_exact"` // longer, where this is false
	Ordered    []NamedFigure  `json:"ordered"`
	Until      int64          `json:"ordered_until"` // end of that order's lease, wall time; 0: there is none
	Measured   []NamedFigure  `json:"measured"`
	Limits     []LimitInForce `json:"limits"`
}

// NamedFigure is a figure with its name and unit.
type NamedFigure struct {
	What  string `json:"what"`
	Unit  string `json:"unit"` // empty: the figure is a switch, see Word
	Word  string `json:"word,omitempty"`
	Value Figure `json:"value"`
}

// LimitInForce is a limit with who set it, why, and until when.
type LimitInForce struct {
	What  string `json:"what"`
	Unit  string `json:"unit"`
	Value Figure `json:"value"`
	By    string `json:"by"`
	Why   string `json:"why"`
	Until int64  `json:"until"` // wall time of the lease's end; 0: until it is changed
}

// RequestOnRecord is what somebody asked and what the unit answered.
type RequestOnRecord struct {
	Number  uint64 `json:"number"`
	At      int64  `json:"at"`
	By      string `json:"by"`
	Person  string `json:"person,omitempty"`
	Verb    string `json:"verb"`
	Where   string `json:"where"`
	Granted bool   `json:"granted"`
	Answer  string `json:"answer"`
}

// EventOnRecord is an event in words.
type EventOnRecord struct {
	At    int64  `json:"at"`
	Kind  string `json:"kind"`
	Level string `json:"level"`
	Where string `json:"where"`
	What  string `json:"what"`
}
