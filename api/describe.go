package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"reprise/bess"
)

// description is the frame of the generated OpenAPI file. Nothing in it loads anything from another host.
func description() huma.Config {
	c := huma.DefaultConfig("Reprise unit", "1")
	c.Info.Description = "The surface of one energy unit. Powers are W, positive into the bus on which the part hangs; " +
		"energies Wh; ratios 0..1; wall times ms since 1970; parts are counted from zero. Every write is a request with a " +
		"source and an expiry that the unit grants or refuses with a reason."
	c.OpenAPIPath = "/api/openapi"
	c.DocsPath = ""
	c.SchemasPath = ""
	c.CreateHooks = nil // no $schema members: the body of GET /api/v1/unit and of the stream are the same
	c.RejectUnknownQueryParameters = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "Needed wherever the unit listens beyond loopback."},
	}
	c.Security = []map[string][]string{{"token": {}}, {}}
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[bess.Figure](), reflect.TypeFor[figure]())
	return c
}

// figure describes bess.Figure as it prints.
type figure struct{}

// Schema is a value with its sigma and age, or the reason why there is none.
func (figure) Schema(r huma.Registry) *huma.Schema {
	const name = "Figure"
	if r.Map()[name] == nil {
		number := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeNumber, Description: doc} }
		r.Map()[name] = &huma.Schema{
			Description: "A number for people, or the reason why there is none. Unknown is never 0.",
			OneOf: []*huma.Schema{
				{Type: huma.TypeObject, Required: []string{"value"}, AdditionalProperties: false, Properties: map[string]*huma.Schema{
					"value": number("The value."),
					"sigma": number("One standard deviation; absent: not an estimate."),
					"age":   number("Seconds since it was measured; absent: of now."),
				}},
				{Type: huma.TypeObject, Required: []string{"why"}, AdditionalProperties: false, Properties: map[string]*huma.Schema{
					"why":  {Type: huma.TypeString, Description: "Why there is no value."},
					"last": number("The last value that was known; absent: there never was one."),
					"age":  number("Seconds since that was measured."),
				}},
			},
		}
	}
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// Tags of the description.
const (
	tagUnit   = "unit"
	tagPapers = "papers"
	tagBench  = "bench"
)

func get(id, path, tag, summary, detail string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tag}, Summary: summary, Description: detail,
		Errors: []int{http.StatusServiceUnavailable},
	}
}

func post(id, path, tag, summary, detail string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: path, Tags: []string{tag}, Summary: summary, Description: detail,
		MaxBodyBytes: maxBody, Errors: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusServiceUnavailable},
	}
}

// binary is the response of an operation whose body is a file.
func binary(op huma.Operation, mediaType, doc string) huma.Operation {
	op.Responses = map[string]*huma.Response{
		"200": {Description: doc, Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString}}}},
	}
	return op
}
