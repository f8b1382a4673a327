package modbus

import (
	"fmt"
	"strconv"
	"strings"
)

// Manual renders the table as a Markdown section for docs/protocols: what a person needs to talk to the device.
func (m *Map) Manual() string {
	var s strings.Builder
	fmt.Fprintf(&s, "## %s\n\n", m.table.Name)
	if m.table.Doc != "" {
		fmt.Fprintf(&s, "%s\n\n", m.table.Doc)
	}
	space, order := "Holding registers (functions 3, 6, 16)", "high word first"
	if m.table.InputSpace {
		space = "Input registers (function 4)"
	}
	if m.table.LowWordFirst {
		order = "low word first"
	}
	fmt.Fprintf(&s, "%s, zero-based addresses, 32-bit values %s.\n", space, order)
	if m.beat >= 0 {
		fmt.Fprintf(&s, "Heartbeat: `%s` must change at least every %v.\n", m.table.Heartbeat, m.table.HeartbeatTimeout)
	}
	s.WriteString("\n| address | name | type | scale | unit | access | range | meaning |\n" +
		"|---:|---|---|---:|---|---|---|---|\n")
	for i := 0; i < len(m.owner); {
		o := m.owner[i]
		if o < 0 {
			i++
			continue
		}
		p := &m.points[o]
		i += p.size
		fmt.Fprintf(&s, "| %d | `%s` | %s | %s | %s | %s | %s | %s |\n", p.Address, p.Name, p.typeName(),
			p.scaleName(), p.Unit, p.Access, p.rangeName(), strings.ReplaceAll(p.Doc, "|", "\\|"))
	}
	return s.String()
}

func (c *compiled) typeName() string {
	if c.Type == Text {
		return fmt.Sprintf("text, %d characters", 2*c.size)
	}
	return c.Type.String()
}

func (c *compiled) scaleName() string {
	if c.Type == Text {
		return ""
	}
	return number(c.scale)
}

func (c *compiled) rangeName() string {
	if c.Min == 0 && c.Max == 0 {
		return ""
	}
	return number(c.Min) + " to " + number(c.Max)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
