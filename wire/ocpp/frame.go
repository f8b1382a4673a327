package ocpp

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The message kinds of OCPP-J, the first entry of every frame.
const (
	kindCall   = 2
	kindResult = 3
	kindError  = 4
)

// maxID is the longest message id in characters (OCPP-J 1.6 and 2.0.1, section 4).
const maxID = 36

// maxDescription is the longest error description in characters.
const maxDescription = 255

// unreadID stands in error answers to frames whose id could not be read (OCPP-J 2.0.1, section 4.2.3).
const unreadID = "-1"

// frame is one OCPP-J message: [2, id, action, payload], [3, id, payload] or [4, id, code, description, details].
type frame struct {
	kind        int
	id          string
	action      string // calls only
	payload     []byte // calls and results; part of the text that was read
	code        string // errors only
	description string // errors only
}

// frameError says why a frame could not be read. The frame beside it holds whatever could.
type frameError struct {
	code   Code
	reason string
}

func (e *frameError) Error() string { return e.reason }

// parseFrame reads a message strictly. With an error the returned frame has the kind and the id as far as they were
// readable, so that a call can be refused and an answer can end its call.
func parseFrame(text []byte) (frame, *frameError) {
	var parsed frame
	if !utf8.Valid(text) {
		return parsed, &frameError{FrameworkError, "not UTF-8"}
	}
	if !json.Valid(text) {
		return parsed, &frameError{FrameworkError, "not JSON"}
	}
	var parts [6][]byte
	count, ok := split(text, &parts)
	if !ok {
		return parsed, &frameError{FrameworkError, "not a list"}
	}
	if count < 2 {
		return parsed, &frameError{FrameworkError, fmt.Sprintf("%d entries, a message has at least three", count)}
	}
	kind, err := strconv.Atoi(string(parts[0]))
	if err != nil {
		return parsed, &frameError{FrameworkError, "the first entry is not a message type"}
	}
	parsed.kind = kind
	id, ok := stringOf(parts[1])
	if !ok || id == "" || utf8.RuneCountInString(id) > maxID {
		return parsed, &frameError{FrameworkError, fmt.Sprintf("the message id is not a text of 1 to %d characters", maxID)}
	}
	parsed.id = id
	switch kind {
	case kindCall:
		return parsed, parsed.readCall(parts, count)
	case kindResult:
		if count != 3 {
			return parsed, &frameError{FormatViolation, fmt.Sprintf("%d entries in an answer that has three", count)}
		}
		parsed.payload = parts[2]
		return parsed, nil
	case kindError:
		return parsed, parsed.readError(parts, count)
	}
	return parsed, &frameError{MessageTypeNotSupported, fmt.Sprintf("message type %d is unknown", kind)}
}

func (f *frame) readCall(parts [6][]byte, count int) *frameError {
	if count != 4 {
		return &frameError{FormatViolation, fmt.Sprintf("%d entries in a call that has four", count)}
	}
	action, ok := stringOf(parts[2])
	if !ok || action == "" {
		return &frameError{FormatViolation, "the action is not a text"}
	}
	f.action, f.payload = action, parts[3]
	return nil
}

func (f *frame) readError(parts [6][]byte, count int) *frameError {
	if count != 5 {
		return &frameError{FormatViolation, fmt.Sprintf("%d entries in an error answer that has five", count)}
	}
	code, ok := stringOf(parts[2])
	if !ok {
		return &frameError{FormatViolation, "the error code is not a text"}
	}
	description, ok := stringOf(parts[3])
	if !ok {
		return &frameError{FormatViolation, "the error description is not a text"}
	}
	if parts[4][0] != '{' {
		return &frameError{FormatViolation, "the error details are not an object"}
	}
	f.code, f.description = code, description
	return nil
}

// split cuts a JSON list into its entries. It returns how many there are, counting at most one more than fits, and false
// when the text is not a list.
func split(text []byte, parts *[6][]byte) (int, bool) {
	at := skipSpace(text, 0)
	if at >= len(text) || text[at] != '[' {
		return 0, false
	}
	count := 0
	at = skipSpace(text, at+1)
	for text[at] != ']' && count < len(parts) {
		end := skipValue(text, at)
		parts[count] = text[at:end]
		count++
		at = skipSpace(text, end)
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
	}
	return count, true
}

// stringOf returns the contents of a JSON string, false when the value is something else.
func stringOf(value []byte) (string, bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	contents, _ := plain(value)
	return string(contents), true
}

// callFrame writes a call.
func callFrame(id, action string, payload []byte) []byte {
	text := make([]byte, 0, len(id)+len(action)+len(payload)+16)
	text = append(text, `[2,`...)
	text = appendText(text, id)
	text = append(text, ',')
	text = appendText(text, action)
	text = append(text, ',')
	text = append(text, payload...)
	return append(text, ']')
}

// resultFrame writes an answer.
func resultFrame(id string, payload []byte) []byte {
	text := make([]byte, 0, len(id)+len(payload)+16)
	text = append(text, `[3,`...)
	text = appendText(text, id)
	text = append(text, ',')
	text = append(text, payload...)
	return append(text, ']')
}

// errorFrame writes an error answer; a description that is too long is cut.
func errorFrame(id, code, description string) []byte {
	text := append([]byte(nil), `[4,`...)
	text = appendText(text, id)
	text = append(text, ',')
	text = appendText(text, code)
	text = append(text, ',')
	text = appendText(text, shorten(description, maxDescription))
	return append(text, `,{}]`...)
}

// shorten cuts a text to at most that many characters.
func shorten(text string, characters int) string {
	for at := range text {
		if characters == 0 {
			return text[:at]
		}
		characters--
	}
	return text
}

// appendText writes a JSON string.
func appendText(text []byte, contents string) []byte {
	// A string always has a JSON form; bytes that are not UTF-8 become replacement characters.
	literal, _ := json.Marshal(contents)
	return append(text, literal...)
}
