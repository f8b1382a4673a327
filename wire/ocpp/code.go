package ocpp

import (
	"errors"
	"fmt"
)

// Code is the reason in an error answer (CALLERROR). The constants use the spelling of OCPP 2.0.1; a [Protocol] says how
// its own version spells them, since 1.6 fixed two misspellings into the standard.
type Code string

// The reasons that the versions of OCPP-J know.
const (
	// NotImplemented: the receiver does not know the action.
	NotImplemented Code = "NotImplemented"
	// NotSupported: the receiver knows the action and does not do it.
	NotSupported Code = "NotSupported"
	// InternalError: the receiver failed while it worked on the request.
	InternalError Code = "InternalError"
	// ProtocolError: the request is not allowed at this point of the conversation.
	ProtocolError Code = "ProtocolError"
	// SecurityError: a security matter prevented the receiver from finishing.
	SecurityError Code = "SecurityError"
	// FormatViolation: the payload is not the structure that the action has (1.6 writes "FormationViolation").
	FormatViolation Code = "FormatViolation"
	// PropertyConstraintViolation: a field has a value that is not allowed (too long, not one of the list, wrong step).
	PropertyConstraintViolation Code = "PropertyConstraintViolation"
	// OccurrenceConstraintViolation: a required field is absent or a list has too few or too many entries
	// (1.6 writes "OccurenceConstraintViolation").
	OccurrenceConstraintViolation Code = "OccurrenceConstraintViolation"
	// TypeConstraintViolation: a field has another JSON type than it must.
	TypeConstraintViolation Code = "TypeConstraintViolation"
	// GenericError: any other error.
	GenericError Code = "GenericError"
	// MessageTypeNotSupported: the frame's first number is unknown. 1.6 has no such reason and ignores the frame.
	MessageTypeNotSupported Code = "MessageTypeNotSupported"
	// FrameworkError: the frame itself could not be read (2.0.1 writes "RpcFrameworkError").
	FrameworkError Code = "RpcFrameworkError"
)

// CallError is an error answer: received for one of our calls, or returned by a handler to refuse a call with a certain
// code.
type CallError struct {
	Code        Code   // reason, in the spelling of the constants
	Description string // for people, at most 255 characters on the wire
}

// Error says the reason in words.
func (e *CallError) Error() string {
	if e.Description == "" {
		return "refused with " + string(e.Code)
	}
	return fmt.Sprintf("refused with %s: %s", e.Code, e.Description)
}

// Refuse makes the error with which a handler refuses a call.
func Refuse(code Code, format string, values ...any) error {
	return &CallError{Code: code, Description: fmt.Sprintf(format, values...)}
}

// What ends a connection or a call. Errors that this package returns wrap one of these where a caller may want to tell
// them apart.
var (
	// ErrTimeout: no answer came before the call's deadline. The other side may still have done what was asked.
	ErrTimeout = errors.New("no answer in time")
	// ErrBusy: the connection's single call slot was taken until the deadline, or too many callers already wait for it.
	// Nothing was sent.
	ErrBusy = errors.New("busy with other calls, nothing was sent")
	// ErrDisconnected: the connection ended before the answer came.
	ErrDisconnected = errors.New("connection ended")
	// ErrReplaced: a newer connection with the same identity took over.
	ErrReplaced = errors.New("replaced by a newer connection of the same identity")
	// ErrOversize: the other side sent a message above the limit.
	ErrOversize = errors.New("message above the size limit")
	// ErrSilent: the other side neither spoke nor answered a ping.
	ErrSilent = errors.New("silent and not answering pings")
	// ErrFlood: the other side sent calls faster than answers could be queued.
	ErrFlood = errors.New("more calls than the queues hold")
	// ErrStuck: a message could not be written within the write limit.
	ErrStuck = errors.New("socket takes no data")
	// ErrClosed: this side closed the connection.
	ErrClosed = errors.New("closed by this side")
	// ErrInvalidAnswer: an answer came and does not have the form of the action's response.
	ErrInvalidAnswer = errors.New("invalid answer")
)
