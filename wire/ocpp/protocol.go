package ocpp

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Side is one end of a connection, or a set of ends.
type Side uint8

// The two ends.
const (
	// StationSide is the charging station.
	StationSide Side = 1 << iota
	// CentralSide is the central system.
	CentralSide
)

// Request is the payload of a call: a struct of one of the version packages.
type Request interface {
	// Action is the name of the message, such as "BootNotification".
	Action() string
}

// Response is the payload of an answer.
type Response interface {
	// Answers is the name of the message that it answers.
	Answers() string
}

// Action is one row of a version's table.
type Action struct {
	Name        string
	From        Side // who may ask
	Request     *Shape
	Response    *Shape
	NewRequest  func() Request  // an empty request, as a pointer that JSON can be read into
	NewResponse func() Response // the same for the answer
}

// Protocol is one version of OCPP: its sub-protocol name and its table of messages. It never changes after [NewProtocol].
type Protocol struct {
	name       string
	actions    map[string]*Action
	recognised map[string]bool
	spelling   map[Code]string
	meaning    map[string]Code
}

// NewProtocol makes a version from its table. name is the WebSocket sub-protocol. recognised lists the messages that the
// version has and the table has not: calls of them are answered with NotSupported, all others with NotImplemented. spelling
// holds the error codes that this version writes differently; an empty text means that the version has no such code and
// that the frame in question is left without an answer.
func NewProtocol(name string, actions []Action, recognised []string, spelling map[Code]string) *Protocol {
	protocol := &Protocol{
		name:       name,
		actions:    make(map[string]*Action, len(actions)),
		recognised: make(map[string]bool, len(recognised)),
		spelling:   make(map[Code]string, len(spelling)),
		meaning:    make(map[string]Code, len(spelling)),
	}
	for n := range actions {
		protocol.actions[actions[n].Name] = &actions[n]
	}
	for _, action := range recognised {
		protocol.recognised[action] = true
	}
	for code, text := range spelling {
		protocol.spelling[code] = text
		// The frame codes share a spelling with others in 1.6; what is received means the payload's trouble.
		if text != "" && code != FrameworkError {
			protocol.meaning[text] = code
		}
	}
	return protocol
}

// Name is the WebSocket sub-protocol, such as "ocpp1.6".
func (p *Protocol) Name() string { return p.name }

// spell returns a code as this version writes it, empty if it has no such code.
func (p *Protocol) spell(code Code) string {
	if text, ok := p.spelling[code]; ok {
		return text
	}
	return string(code)
}

// mean returns what a received code means. A code that the version does not know is kept as it came.
func (p *Protocol) mean(text string) Code {
	if code, ok := p.meaning[text]; ok {
		return code
	}
	return Code(text)
}

// find returns the row for a call from one side, or the refusal.
func (p *Protocol) find(name string, from Side) (*Action, *CallError) {
	action := p.actions[name]
	switch {
	case action != nil && action.From&from != 0:
		return action, nil
	case action != nil:
		return nil, &CallError{NotSupported, name + " is not a call that this side answers"}
	case p.recognised[name]:
		return nil, &CallError{NotSupported, name + " is not supported"}
	}
	return nil, &CallError{NotImplemented, fmt.Sprintf("%.64q is not an action of %s", name, p.name)}
}

// DecodeRequest checks the payload of a call that came from one side and returns it as its type. The error is a
// *[CallError] that says how to refuse it.
func (p *Protocol) DecodeRequest(name string, from Side, payload []byte) (Request, error) {
	if !json.Valid(payload) {
		return nil, &CallError{FormatViolation, "the payload is not JSON"}
	}
	return p.decodeRequest(name, from, payload)
}

// decodeRequest is DecodeRequest for a payload that is known to be JSON, as parseFrame leaves it.
func (p *Protocol) decodeRequest(name string, from Side, payload []byte) (Request, error) {
	action, refusal := p.find(name, from)
	if refusal != nil {
		return nil, refusal
	}
	request := action.NewRequest()
	if violation := read(payload, action.Request, request); violation != nil {
		return nil, &CallError{violation.Code, violation.Error()}
	}
	return request, nil
}

// EncodeRequest writes the payload of a call by one side and checks it.
func (p *Protocol) EncodeRequest(request Request, from Side) ([]byte, error) {
	if request == nil {
		return nil, errors.New("writing a call: there is no request")
	}
	name := request.Action()
	action, refusal := p.find(name, from)
	if refusal != nil {
		return nil, fmt.Errorf("writing %s: %w", name, refusal)
	}
	payload, err := write(request, action.Request)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return payload, nil
}

// DecodeResponse checks the payload of an answer to a call by one side and returns it as its type. Errors wrap
// [ErrInvalidAnswer].
func (p *Protocol) DecodeResponse(name string, from Side, payload []byte) (Response, error) {
	if !json.Valid(payload) {
		return nil, fmt.Errorf("%w to %s: the payload is not JSON", ErrInvalidAnswer, name)
	}
	return p.decodeResponse(name, from, payload)
}

// decodeResponse is DecodeResponse for a payload that is known to be JSON.
func (p *Protocol) decodeResponse(name string, from Side, payload []byte) (Response, error) {
	action, refusal := p.find(name, from)
	if refusal != nil {
		return nil, fmt.Errorf("%w to %s: %w", ErrInvalidAnswer, name, refusal)
	}
	response := action.NewResponse()
	if violation := read(payload, action.Response, response); violation != nil {
		return nil, fmt.Errorf("%w to %s: %w", ErrInvalidAnswer, name, violation)
	}
	return response, nil
}

// EncodeResponse writes the payload of the answer to a call that came from one side and checks it.
func (p *Protocol) EncodeResponse(name string, from Side, response Response) ([]byte, error) {
	action, refusal := p.find(name, from)
	if refusal != nil {
		return nil, fmt.Errorf("answering %s: %w", name, refusal)
	}
	if response == nil {
		return nil, fmt.Errorf("answering %s: the handler returned neither an answer nor an error", name)
	}
	if response.Answers() != name {
		return nil, fmt.Errorf("answering %s: the handler returned the answer to %s", name, response.Answers())
	}
	payload, err := write(response, action.Response)
	if err != nil {
		return nil, fmt.Errorf("answering %s: %w", name, err)
	}
	return payload, nil
}

// read checks valid JSON and decodes it.
func read(payload []byte, shape *Shape, into any) *Violation {
	if _, violation := shape.check(payload, 0); violation != nil {
		return violation
	}
	if err := json.Unmarshal(payload, into); err != nil {
		return &Violation{Code: TypeConstraintViolation, Reason: err.Error()}
	}
	return nil
}

// write encodes a value and checks the result.
func write(value any, shape *Shape) ([]byte, error) {
	payload, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if _, violation := shape.check(payload, 0); violation != nil {
		return nil, violation
	}
	return payload, nil
}
