package can

import (
	"bytes"
	"fmt"
	"strings"
	"text/scanner"
	"unicode/utf8"
)

// The parser of the library drops statements that it does not know in a way that can swallow the line after them, and it
// reads the symbol list NS_ only when indented by tabs. prepare therefore blanks what this package does not use before
// the parser sees it; every rune keeps its line and column, so that positions in faults stay true.

// skippable tells whether a statement that ends with a semicolon may be left out, and what is lost by it.
func skippable(keyword string) (loss string, ok bool) {
	switch keyword {
	case "SG_MUL_VAL_":
		return "extended multiplexing is not read: only the page given at the signal counts", true
	case "BA_DEF_REL_", "BA_REL_", "BA_DEF_DEF_REL_", "BU_SG_REL_", "BU_EV_REL_", "BU_BO_REL_", "SIG_GROUP_",
		"SIG_TYPE_REF_", "SGTYPE_", "SGTYPE_VAL_", "SIGTYPE_VALTYPE_", "CAT_", "CAT_DEF_", "FILTER", "EV_DATA_":
		return "", true
	}
	return "", false
}

// statement tells whether the parser handles the keyword itself.
func statement(keyword string) bool {
	switch keyword {
	case "VERSION", "BU_", "VAL_TABLE_", "BO_", "SG_", "BO_TX_BU_", "EV_", "ENVVAR_DATA_", "CM_", "BA_DEF_",
		"BA_DEF_DEF_", "BA_", "VAL_", "SIG_VALTYPE_":
		return true
	}
	return false
}

// preparation walks over DBC text and blanks what is not for the parser.
type preparation struct {
	file     string
	text     []rune
	at       int
	line     int
	start    int // index of the first rune of the current line
	warnings []Fault
	fault    *Fault
}

// prepare returns the text for the parser, warnings, and the fault that ends the reading, if any.
func prepare(file string, text []byte) (string, []Fault, *Fault) {
	p := &preparation{file: file, text: decodeText(text), line: 1}
	for p.at < len(p.text) && p.fault == nil {
		p.oneLine()
	}
	return string(p.text), p.warnings, p.fault
}

// decodeText reads UTF-8, else Latin-1, in which older tools write "°C" and "µA".
func decodeText(text []byte) []rune {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if utf8.Valid(text) {
		return []rune(string(text))
	}
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return runes
}

// oneLine handles the line at which the walk stands, which begins outside any quoted text.
func (p *preparation) oneLine() {
	p.skipBlank()
	from := p.at
	word := p.word()
	switch loss, skip := skippable(word); {
	case word == "NS_":
		p.blankSymbols(from)
	case word == "BS_": // bit timing, obsolete by the format's own words
		p.endLine()
		p.blank(from, p.at)
	case skip:
		if loss != "" {
			p.warnings = append(p.warnings, *p.faultAt(from, loss, "check the signals of that message by hand"))
		}
		endless := p.faultAt(from, fmt.Sprintf("statement %s is not ended", word), "end it with a semicolon")
		if p.endStatement() {
			p.blank(from, p.at)
		} else {
			p.fault = endless
		}
	case word == "" || statement(word):
		p.endLine()
	default:
		p.fault = p.faultAt(from, fmt.Sprintf("unknown statement %q", word), "a line must begin with a DBC keyword such as BO_, SG_, CM_, BA_ or VAL_")
	}
}

func (p *preparation) faultAt(index int, what, remedy string) *Fault {
	return &Fault{File: p.file, Line: p.line, Column: index - p.start + 1, What: what, Remedy: remedy}
}

// next steps over one rune and keeps count of the lines.
func (p *preparation) next() rune {
	r := p.text[p.at]
	p.at++
	if r == '\n' {
		p.line++
		p.start = p.at
	}
	return r
}

func (p *preparation) skipBlank() {
	for p.at < len(p.text) && strings.ContainsRune(" \t\r", p.text[p.at]) {
		p.at++
	}
}

// word reads a keyword; a rune that cannot be part of one ends it.
func (p *preparation) word() string {
	from := p.at
	for p.at < len(p.text) {
		r := p.text[p.at]
		if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			break
		}
		p.at++
	}
	return string(p.text[from:p.at])
}

// quoted steps over quoted text whose opening mark has been read; it may run over lines.
func (p *preparation) quoted() {
	for p.at < len(p.text) {
		switch p.next() {
		case '"':
			return
		case '\\':
			if p.at < len(p.text) && p.text[p.at] == '"' {
				p.at++
			}
		}
	}
}

// endLine steps to the beginning of the next line that does not begin inside quoted text.
func (p *preparation) endLine() {
	for p.at < len(p.text) {
		switch p.next() {
		case '"':
			p.quoted()
		case '\n':
			return
		}
	}
}

// endStatement steps behind the next semicolon and tells whether there was one.
func (p *preparation) endStatement() bool {
	for p.at < len(p.text) {
		switch p.next() {
		case '"':
			p.quoted()
		case ';':
			return true
		}
	}
	return false
}

// blankSymbols blanks the list NS_: its own line and every indented line of a single word that follows.
func (p *preparation) blankSymbols(from int) {
	p.endLine()
	end := p.at
	for p.at < len(p.text) {
		line, start := p.line, p.start
		p.skipBlank()
		indented := p.at > end
		word := p.word()
		p.skipBlank()
		if p.at < len(p.text) && p.text[p.at] != '\n' || word != "" && !indented {
			p.at, p.line, p.start = end, line, start
			break
		}
		p.endLine()
		end = p.at
	}
	p.blank(from, end)
}

// blank overwrites runes with spaces and leaves line ends standing.
func (p *preparation) blank(from, to int) {
	for i := from; i < to; i++ {
		if p.text[i] != '\n' {
			p.text[i] = ' '
		}
	}
}

// faultFrom words a finding at a position of the parser.
func faultFrom(position scanner.Position, what, remedy string) Fault {
	return Fault{File: position.Filename, Line: position.Line, Column: position.Column, What: what, Remedy: remedy}
}
