package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maximumText bounds a document; the largest of ours has a few hundred lines.
const maximumText = 1 << 20

// maximumDepth bounds nesting, so that no text can exhaust the stack.
const maximumDepth = 32

// Shape is the shape of a node.
type Shape uint8

// Shapes of a node.
const (
	Empty    Shape = iota // nothing behind the key
	Scalar                // one text
	Block                 // a text of several lines behind "|"
	Mapping               // keys with values
	Sequence              // a list
)

// Node is a piece of a document that knows where it stands.
type Node struct {
	Shape  Shape
	Place  Place // of its first character; of a Block: of its first line
	Text   string
	Fields []Field
	Items  []*Node
}

// Field is one key with its value.
type Field struct {
	Name  string
	Place Place // of the key
	Value *Node
}

// Field is the value of a key, nil when the node has no such key.
func (n *Node) Field(name string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return n.Fields[i].Value
		}
	}
	return nil
}

// Parse reads one YAML document. Anchors, tags and several documents in one text are refused: they hide what is in
// force. The error is Faults.
func Parse(name string, text []byte) (root *Node, err error) {
	fail := func(place Place, what, do string) (*Node, error) {
		return nil, Faults{{Place: place, What: what, Do: do}}
	}
	top := Place{File: name, Line: 1, Column: 1}
	if len(text) > maximumText {
		return fail(top, fmt.Sprintf("the text has %d bytes, at most %d are read", len(text), maximumText), "is this the right file?")
	}
	// The parser is not ours; a text that makes it panic is bad input like any other.
	defer func() {
		if trouble := recover(); trouble != nil {
			root, err = fail(top, "the text cannot be parsed as YAML", "correct its syntax")
		}
	}()
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			position := syntax.GetToken().Position
			return fail(Place{name, position.Line, position.Column}, "not YAML: "+syntax.GetMessage(), "correct the syntax")
		}
		return fail(top, "not YAML: "+firstLine(err.Error()), "correct the syntax")
	}
	b := builder{file: name, lines: strings.Split(string(text), "\n")}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return fail(top, "the text is empty", "write at least one key")
	case 1:
		root = b.node(bodies[0], 0)
	default:
		return fail(b.place(bodies[1]), "a second document begins here", "keep one document in one file")
	}
	if len(b.faults) > 0 {
		return nil, b.faults.sorted()
	}
	return root, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// builder turns the parser's tree into ours.
type builder struct {
	file   string
	lines  []string
	faults Faults
}

func (b *builder) place(n ast.Node) Place {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return Place{File: b.file}
	}
	p := n.GetToken().Position
	return Place{b.file, p.Line, p.Column}
}

func (b *builder) refuse(n ast.Node, what, do string) *Node {
	place := b.place(n)
	b.faults = append(b.faults, Fault{Place: place, What: what, Do: do})
	return &Node{Place: place}
}

func (b *builder) node(n ast.Node, depth int) *Node {
	if depth > maximumDepth {
		return b.refuse(n, "nested too deeply", "write it flatter")
	}
	switch n := n.(type) {
	case nil:
		return &Node{Place: Place{File: b.file}}
	case *ast.NullNode:
		return &Node{Place: b.place(n)}
	case *ast.StringNode:
		return &Node{Shape: Scalar, Place: b.place(n), Text: n.Value}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return &Node{Shape: Scalar, Place: b.place(n), Text: n.GetToken().Value}
	case *ast.LiteralNode:
		return b.block(n)
	case *ast.MappingNode:
		return b.mapping(n.Values, n, depth)
	case *ast.MappingValueNode:
		return b.mapping([]*ast.MappingValueNode{n}, n, depth)
	case *ast.SequenceNode:
		list := &Node{Shape: Sequence, Place: b.place(n)}
		for _, v := range n.Values {
			list.Items = append(list.Items, b.node(v, depth+1))
		}
		return list
	}
	return b.refuse(n, "anchors, aliases and tags are not read here", "write the value out where it is used")
}

func (b *builder) mapping(values []*ast.MappingValueNode, n ast.Node, depth int) *Node {
	m := &Node{Shape: Mapping, Place: b.place(n)}
	if len(values) > 0 {
		m.Place = b.place(values[0].Key)
	}
	seen := map[string]Place{}
	for _, v := range values {
		key, ok := v.Key.(ast.ScalarNode)
		if !ok || v.Key.IsMergeKey() {
			b.refuse(v.Key, "this is not a plain key", "write a word before the colon")
			continue
		}
		name, place := key.GetToken().Value, b.place(v.Key)
		if first, twice := seen[name]; twice {
			b.refuse(v.Key, fmt.Sprintf("key %q is written twice, first in line %d", name, first.Line), "keep one of the two")
			continue
		}
		seen[name] = place
		m.Fields = append(m.Fields, Field{name, place, b.node(v.Value, depth+1)})
	}
	return m
}

// block is a text of several lines. The parser strips its indentation, so the column is taken from the source.
func (b *builder) block(n *ast.LiteralNode) *Node {
	place := b.place(n)
	place.Line++
	place.Column = 1
	for i := place.Line - 1; i < len(b.lines); i++ {
		if line := b.lines[i]; strings.TrimSpace(line) != "" {
			place.Column = 1 + len(line) - len(strings.TrimLeft(line, " "))
			break
		}
	}
	return &Node{Shape: Block, Place: place, Text: n.Value.Value}
}
