package api

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// problem writes an RFC 9457 problem outside of huma's routes: what went wrong and what to do.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail})
}

func noSuchRoute(w http.ResponseWriter, r *http.Request) {
	problem(w, http.StatusNotFound, "there is no such address here: /api/openapi.json lists them all")
}

// wrong is a problem with one part of the input.
func wrong(where, what string, value any) error {
	return huma.Error422UnprocessableEntity("the input cannot be used: correct what is listed and send it again",
		&huma.ErrorDetail{Location: where, Message: what, Value: value})
}

// absent is a problem with something that this unit does not have.
func absent(what string) error { return huma.Error404NotFound("this unit has " + what) }

// failed is a problem behind the surface. Its cause goes to the log; the caller hears what failed and what to do.
func (s *Server) failed(doing string, cause error) error {
	s.Log.Error("api: "+doing, "cause", cause)
	return huma.Error503ServiceUnavailable(doing + " did not work: try again in a few seconds; the unit's log has the cause")
}
