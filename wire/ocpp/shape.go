package ocpp

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// kind is the JSON type that a Shape asks for.
type kind uint8

const (
	anyKind kind = iota
	textKind
	integerKind
	numberKind
	booleanKind
	dateTimeKind
	objectKind
	listKind
)

// Shape says what a JSON value must look like: the part of JSON Schema that the OCPP messages use, as a tree. A Shape is
// made by the functions below, never changes afterwards and may be used by any number of goroutines.
type Shape struct {
	kind      kind
	maxLength int      // characters of a text, 0 = any
	values    []string // the only texts allowed, nil = any
	step      float64  // a number must be a multiple, 0 = any
	minimum   float64
	maximum   float64
	fewest    int // entries of a list
	most      int // entries of a list, 0 = any
	entry     *Shape
	fields    []Field
	required  uint64 // bit n: field n must be there
	open      bool   // unknown fields are allowed
}

// Field is one member of an object.
type Field struct {
	name     string
	required bool
	shape    *Shape
}

// Anything is a value that is not looked at.
func Anything() *Shape { return &Shape{kind: anyKind} }

// Text is a string of at most maxLength characters; 0 means any length.
func Text(maxLength int) *Shape { return &Shape{kind: textKind, maxLength: maxLength} }

// OneOf is a string out of a list.
func OneOf(values ...string) *Shape { return &Shape{kind: textKind, values: values} }

// DateTime is a string with an RFC 3339 time, see [Time].
func DateTime() *Shape { return &Shape{kind: dateTimeKind} }

// Boolean is true or false.
func Boolean() *Shape { return &Shape{kind: booleanKind} }

// Integer is a whole number, written without fraction or exponent.
func Integer() *Shape { return IntegerWithin(math.Inf(-1), math.Inf(1)) }

// IntegerWithin is a whole number from minimum to maximum.
func IntegerWithin(minimum, maximum float64) *Shape {
	return &Shape{kind: integerKind, minimum: minimum, maximum: maximum}
}

// Number is a number that is a multiple of step; 0 means any number.
func Number(step float64) *Shape {
	return &Shape{kind: numberKind, step: step, minimum: math.Inf(-1), maximum: math.Inf(1)}
}

// List is an array of fewest to most entries; most 0 means any number of them.
func List(entry *Shape, fewest, most int) *Shape {
	return &Shape{kind: listKind, entry: entry, fewest: fewest, most: most}
}

// Object is an object with exactly these fields. It panics above 64 of them: such a table is a mistake in the program.
func Object(fields ...Field) *Shape {
	if len(fields) > 64 {
		panic(fmt.Sprintf("ocpp: an object with %d fields, more than the 64 that a Shape holds", len(fields)))
	}
	shape := &Shape{kind: objectKind, fields: fields}
	for n, field := range fields {
		if field.required {
			shape.required |= 1 << n
		}
	}
	return shape
}

// OpenObject is an object that may have more fields than these (customData of OCPP 2.0.1).
func OpenObject(fields ...Field) *Shape {
	shape := Object(fields...)
	shape.open = true
	return shape
}

// Required is a field that must be there.
func Required(name string, shape *Shape) Field {
	return Field{name: name, required: true, shape: shape}
}

// Optional is a field that may be absent; null is not absence.
func Optional(name string, shape *Shape) Field { return Field{name: name, shape: shape} }

// Violation is the first place where a payload differs from its Shape.
type Violation struct {
	Path   string // fields from the payload down, as in "chargingSchedule.chargingSchedulePeriod[2].limit"
	Code   Code   // how OCPP names the trouble
	Reason string // what is wrong, for people
}

// Error says where and what.
func (v *Violation) Error() string {
	if v.Path == "" {
		return v.Reason
	}
	return v.Path + ": " + v.Reason
}

// under returns the violation with one more step at the front of its path.
func (v *Violation) under(step string) *Violation {
	switch {
	case v.Path == "":
		v.Path = step
	case v.Path[0] == '[':
		v.Path = step + v.Path
	default:
		v.Path = step + "." + v.Path
	}
	return v
}

// check walks over the value that begins at at and returns the index after it, or what is wrong. The text must be valid
// JSON.
func (s *Shape) check(text []byte, at int) (int, *Violation) {
	at = skipSpace(text, at)
	if at >= len(text) {
		return at, &Violation{Code: FormatViolation, Reason: "the value is absent"}
	}
	var value []byte
	end := at
	if s.kind != objectKind && s.kind != listKind { // those walk through their contents themselves
		end = skipValue(text, at)
		value = text[at:end]
	}
	switch s.kind {
	case objectKind:
		return s.checkObject(text, at)
	case listKind:
		return s.checkList(text, at)
	case textKind, dateTimeKind:
		return end, s.checkText(value)
	case integerKind, numberKind:
		return end, s.checkNumber(value)
	case booleanKind:
		if value[0] != 't' && value[0] != 'f' {
			return end, wrongType(value, "true or false")
		}
	case anyKind:
	}
	return end, nil
}

func (s *Shape) checkObject(text []byte, at int) (int, *Violation) {
	if text[at] != '{' {
		return at, wrongType(text[at:skipValue(text, at)], "an object")
	}
	var seen uint64
	at = skipSpace(text, at+1)
	for text[at] != '}' {
		nameEnd := skipString(text, at)
		name, _ := plain(text[at:nameEnd])
		at = skipSpace(text, nameEnd)  // at the colon
		value := skipSpace(text, at+1) // at the value
		n := s.field(name)
		if n < 0 {
			if !s.open {
				return at, &Violation{Code: FormatViolation, Reason: fmt.Sprintf("no field %.64q exists here", name)}
			}
			at = skipValue(text, value)
		} else {
			if seen&(1<<n) != 0 {
				return at, &Violation{Path: s.fields[n].name, Code: FormatViolation, Reason: "the field is there twice"}
			}
			seen |= 1 << n
			next, violation := s.fields[n].shape.check(text, value)
			if violation != nil {
				return at, violation.under(s.fields[n].name)
			}
			at = next
		}
		at = skipSpace(text, at)
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
	}
	if missing := s.required &^ seen; missing != 0 {
		for n := range s.fields {
			if missing&(1<<n) != 0 {
				return at, &Violation{Path: s.fields[n].name, Code: OccurrenceConstraintViolation,
					Reason: "the field is required and absent"}
			}
		}
	}
	return at + 1, nil
}

// field returns the index of the field with that name, -1 if there is none. Names are case-sensitive.
func (s *Shape) field(name []byte) int {
	for n := range s.fields {
		if string(name) == s.fields[n].name {
			return n
		}
	}
	return -1
}

func (s *Shape) checkList(text []byte, at int) (int, *Violation) {
	if text[at] != '[' {
		return at, wrongType(text[at:skipValue(text, at)], "a list")
	}
	count := 0
	at = skipSpace(text, at+1)
	for text[at] != ']' {
		if s.most > 0 && count == s.most {
			return at, &Violation{Code: OccurrenceConstraintViolation, Reason: fmt.Sprintf("more than %d entries", s.most)}
		}
		next, violation := s.entry.check(text, at)
		if violation != nil {
			return at, violation.under("[" + strconv.Itoa(count) + "]")
		}
		count++
		at = skipSpace(text, next)
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
	}
	if count < s.fewest {
		return at, &Violation{Code: OccurrenceConstraintViolation,
			Reason: fmt.Sprintf("%d entries, at least %d are required", count, s.fewest)}
	}
	return at + 1, nil
}

func (s *Shape) checkText(value []byte) *Violation {
	if value[0] != '"' {
		return wrongType(value, "a text")
	}
	// A text has at most as many characters as bytes, so most need no counting.
	if s.maxLength > 0 && len(value)-2 > s.maxLength {
		if count := characters(value); count > s.maxLength {
			return &Violation{Code: PropertyConstraintViolation,
				Reason: fmt.Sprintf("%d characters, at most %d are allowed", count, s.maxLength)}
		}
	}
	if s.kind == dateTimeKind {
		contents, _ := plain(value)
		if _, err := parseTime(string(contents)); err != nil {
			return &Violation{Code: PropertyConstraintViolation,
				Reason: fmt.Sprintf("%.64q is not a time such as 2026-03-01T12:00:00Z", contents)}
		}
	}
	if s.values == nil {
		return nil
	}
	contents, _ := plain(value)
	for _, allowed := range s.values {
		if string(contents) == allowed {
			return nil
		}
	}
	return &Violation{Code: PropertyConstraintViolation, Reason: fmt.Sprintf("%.64q is not one of the allowed values", contents)}
}

func (s *Shape) checkNumber(value []byte) *Violation {
	if value[0] != '-' && (value[0] < '0' || value[0] > '9') {
		return wrongType(value, "a number")
	}
	if s.kind == integerKind {
		if _, err := strconv.ParseInt(string(value), 10, 64); err != nil {
			return wrongType(value, "a whole number")
		}
	}
	number, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return wrongType(value, "a number that fits 64 bits")
	}
	if number < s.minimum || number > s.maximum {
		return &Violation{Code: PropertyConstraintViolation,
			Reason: fmt.Sprintf("%.64s lies outside %g to %g", value, s.minimum, s.maximum)}
	}
	if s.step > 0 {
		steps := number / s.step
		// The tolerance covers that 0.1 has no exact binary form.
		if math.Abs(steps-math.Round(steps)) > 1e-6*math.Max(1, math.Abs(steps)*1e-6) {
			return &Violation{Code: PropertyConstraintViolation,
				Reason: fmt.Sprintf("%.64s is not a multiple of %g", value, s.step)}
		}
	}
	return nil
}

// wrongType is the violation for a value of another JSON type.
func wrongType(value []byte, want string) *Violation {
	return &Violation{Code: TypeConstraintViolation, Reason: fmt.Sprintf("%s where %s must be", describe(value), want)}
}

// describe names the JSON type of a value.
func describe(value []byte) string {
	switch {
	case len(value) == 0:
		return "nothing"
	case value[0] == '{':
		return "an object"
	case value[0] == '[':
		return "a list"
	case value[0] == '"':
		return "a text"
	case value[0] == 't', value[0] == 'f':
		return "true or false"
	case value[0] == 'n':
		return "null"
	case bytes.ContainsAny(value, ".eE"):
		return "a number with fraction or exponent"
	}
	return "a number"
}
