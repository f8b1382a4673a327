package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"reprise/bess"
)

// Decoder fills Go values from nodes. Keys are field names in lower case with underscores; a field of type *Node takes
// its part of the document as it stands. The zero value is ready to use.
type Decoder struct {
	// Types resolves a field of type bess.PackType that is written as a name.
	Types PackTypes
	// Start is the value with which an element of a list, or of an optional part, begins: its defaults. index counts
	// from zero; nil begins with zero values.
	Start func(t reflect.Type, n *Node, index int) any
	// Faults is everything that was wrong so far.
	Faults Faults

	places map[string]Place
}

// Decode fills the value to which into points. What the node does not mention stays as it is.
func (d *Decoder) Decode(n *Node, into any) {
	if d.places == nil {
		d.places = map[string]Place{}
	}
	d.value(n, reflect.ValueOf(into).Elem(), "", "")
}

// Place is where a path stands in the text, or the nearest part around it that does.
func (d *Decoder) Place(path string) Place {
	for {
		if place, ok := d.places[path]; ok || path == "" {
			return place
		}
		cut := strings.LastIndexAny(path, ".[")
		path = path[:max(cut, 0)]
	}
}

// fault notes what is wrong at a node.
func (d *Decoder) fault(place Place, path, do, format string, args ...any) {
	d.Faults = append(d.Faults, Fault{Place: place, Path: path, What: fmt.Sprintf(format, args...), Do: do})
}

func (d *Decoder) value(n *Node, v reflect.Value, field, path string) {
	d.places[path] = n.Place
	t := v.Type()
	if t == reflect.TypeFor[*Node]() {
		v.Set(reflect.ValueOf(n))
		return
	}
	if n.Shape == Empty {
		d.fault(n.Place, path, "write a value, or leave the key out", "nothing stands behind the key")
		return
	}
	switch {
	case t == reflect.TypeFor[bess.PackType]() && d.Types != nil:
		d.packType(n, v, path)
		return
	case t == reflect.TypeFor[[bess.InputCount]bool]():
		d.inputs(n, v, path)
		return
	}
	if c, ok := codecOf(t, field); ok {
		d.scalar(n, v, c, path)
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(t.Elem())
		if start := d.start(t.Elem(), n, 0); start.IsValid() {
			fresh.Elem().Set(start)
		}
		d.value(n, fresh.Elem(), field, path)
		v.Set(fresh)
	case reflect.Struct:
		d.parts(n, v, path)
	case reflect.Slice:
		d.list(n, v, field, path)
	default:
		d.fault(n.Place, path, "leave the key out", "this cannot be configured")
	}
}

func (d *Decoder) start(t reflect.Type, n *Node, index int) reflect.Value {
	if d.Start == nil {
		return reflect.Value{}
	}
	return reflect.ValueOf(d.Start(t, n, index))
}

func (d *Decoder) scalar(n *Node, v reflect.Value, c codec, path string) {
	if n.Shape != Scalar && n.Shape != Block {
		do := "write one value behind the key"
		if c.example != "" {
			do += ", such as " + c.example
		}
		d.fault(n.Place, path, do, "one value is expected here")
		return
	}
	if err := c.read(n.Text, v); err != nil {
		what, do, _ := strings.Cut(err.Error(), ": ")
		if do == "" && c.example != "" {
			do = "write it like " + c.example
		}
		d.fault(n.Place, path, do, "%s", what)
	}
}

func (d *Decoder) parts(n *Node, v reflect.Value, path string) {
	if n.Shape != Mapping {
		d.fault(n.Place, path, "write one of its keys in each line below: "+strings.Join(keysOf(v.Type()), ", "), "keys are expected here")
		return
	}
	keys := fieldsOf(v.Type())
	for _, f := range n.Fields {
		name, ok := keys[f.Name]
		if !ok {
			d.fault(f.Place, path, suggestion(f.Name, keysOf(v.Type())), "unknown key %q", f.Name)
			continue
		}
		d.value(f.Value, v.FieldByName(name), name, join(path, f.Name))
		if f.Value.Shape == Empty {
			d.places[join(path, f.Name)] = f.Place
		}
	}
}

func (d *Decoder) list(n *Node, v reflect.Value, field, path string) {
	if n.Shape != Sequence {
		d.fault(n.Place, path, "begin each element with \"- \"", "a list is expected here")
		return
	}
	const most = 4096
	if len(n.Items) > most {
		d.fault(n.Place, path, "shorten it", "the list has %d elements, at most %d are read", len(n.Items), most)
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
	for i, item := range n.Items {
		if start := d.start(v.Type().Elem(), item, i); start.IsValid() {
			list.Index(i).Set(start)
		}
		d.value(item, list.Index(i), field, path+"["+strconv.Itoa(i+1)+"]")
	}
	v.Set(list)
}

// packType resolves a pack type by its name.
func (d *Decoder) packType(n *Node, v reflect.Value, path string) {
	description, ok := d.Types[n.Text]
	if n.Shape != Scalar || !ok {
		d.fault(n.Place, path, "known types: "+strings.Join(d.Types.Names(), ", "), "%q is not a known pack type", n.Text)
		return
	}
	v.Set(reflect.ValueOf(description.Type))
}

// inputs reads the list of inputs that exist; what is not in the list does not.
func (d *Decoder) inputs(n *Node, v reflect.Value, path string) {
	var list []bess.Input
	d.list(n, reflect.ValueOf(&list).Elem(), "Has", path)
	v.SetZero()
	for _, input := range list {
		v.Index(int(input)).SetBool(true)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// keyOf is a field's name in a text: PackCurrent is pack_current, FallbackDC is fallback_dc, SoC is soc.
func keyOf(field string) string {
	var b strings.Builder
	runes := []rune(strings.NewReplacer("SoC", "Soc", "SoH", "Soh").Replace(field))
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) ||
			i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// keysOf are the keys of a type in the order of its fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("config") != "-" {
			keys = append(keys, keyOf(f.Name))
		}
	}
	return keys
}

func fieldsOf(t reflect.Type) map[string]string {
	fields := map[string]string{}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("config") != "-" {
			fields[keyOf(f.Name)] = f.Name
		}
	}
	return fields
}

// suggestion names the known key that was probably meant, or all of them.
func suggestion(key string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(key, k); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known here: " + strings.Join(known, ", ")
}

// editDistance is the number of letters to insert, remove or replace between a and b (Levenshtein).
func editDistance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
