package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"footpath/internal/httpx"
	"footpath/wire"
)

// object is a JSON object under construction; encoding/json sorts its keys, so
// that the document is the same each time.
type object = map[string]any

// OpenAPI describes every route, from the table and from the Go types of the
// bodies, as OpenAPI 3.1. docs/openapi.json is this text; a test compares them.
func OpenAPI() ([]byte, error) {
	s := schemas{}
	paths := object{}
	for _, rt := range (&API{}).table() {
		at, ok := paths[rt.path].(object)
		if !ok {
			at = object{}
			paths[rt.path] = at
		}
		at[strings.ToLower(rt.method)] = s.operation(rt)
	}
	s.of(reflect.TypeFor[httpx.ErrorBody]())
	body, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Footpath", "version": "1",
			"description": "The dashboard's API. Requests other than GET carry application/json and come from the same origin " +
				"(Sec-Fetch-Site: same-origin, or Origin: the server's own). Unknown fields and parameters are refused.",
		},
		"paths": paths,
		"components": object{
			"schemas": s,
			"securitySchemes": object{"login": object{
				"type": "apiKey", "in": "cookie", "name": "__Host-footpath",
				"description": "Set by /api/login; named footpath over plain http on loopback.",
			}},
		},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe api: %w", err)
	}
	return append(body, '\n'), nil
}

func (a *API) openAPI(c *call) error {
	return httpx.WriteBody(c.w, c.r, "application/json; charset=utf-8", a.description)
}

// schemas are the named types met so far.
type schemas object

func (s schemas) operation(rt route) object {
	op := object{"summary": rt.summary, "operationId": operationID(rt), "responses": s.responses(rt)}
	if rt.role != "" {
		op["security"] = []object{{"login": []string{}}}
		op["description"] = "Needs the role " + rt.role + "."
	}
	if params := parameters(rt); len(params) > 0 {
		op["parameters"] = params
	}
	if rt.body != nil {
		op["requestBody"] = object{
			"required": true,
			"content":  object{"application/json": object{"schema": s.of(reflect.TypeOf(rt.body))}},
		}
	}
	return op
}

var word = regexp.MustCompile(`[A-Za-z]+`)

// operationID is the method and the words of the path: "getProjectsKeySessions".
func operationID(rt route) string {
	id := strings.ToLower(rt.method)
	for _, w := range word.FindAllString(strings.TrimPrefix(rt.path, "/api"), -1) {
		id += strings.ToUpper(w[:1]) + w[1:]
	}
	return id
}

func (s schemas) responses(rt route) object {
	success := object{"description": http.StatusText(rt.status)}
	switch {
	case rt.answer != nil:
		success["content"] = object{"application/json": object{"schema": s.of(reflect.TypeOf(rt.answer))}}
	case strings.HasSuffix(rt.path, ".csv"):
		success["content"] = object{"text/csv": object{"schema": object{"type": "string"}}}
	}
	failure := object{
		"description": "What went wrong and what to do",
		"content":     object{"application/json": object{"schema": object{"$ref": "#/components/schemas/ErrorBody"}}},
	}
	return object{strconv.Itoa(rt.status): success, "default": failure}
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func parameters(rt route) []object {
	var list []object
	for _, m := range placeholder.FindAllStringSubmatch(rt.path, -1) {
		list = append(list, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, p := range rt.query {
		list = append(list, object{"name": p.name, "in": "query", "description": p.about, "schema": object{"type": "string"}})
	}
	return list
}

// of describes a type; named structs become components.
func (s schemas) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[wire.ID]():
		return object{"type": "string", "pattern": "^([A-Za-z0-9_-]{21})?$"}
	case reflect.TypeFor[wire.ProjectKey]():
		return object{"type": "string", "pattern": "^[0-9a-f]{40}$"}
	case reflect.TypeFor[json.RawMessage]():
		return object{}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Uint32:
		return object{"type": "integer", "format": "int32"}
	case reflect.Int64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Pointer:
		return object{"anyOf": []object{s.of(t.Elem()), {"type": "null"}}}
	case reflect.Struct:
		return s.component(t)
	}
	panic(fmt.Sprintf("describe api: no schema for %v", t))
}

func (s schemas) component(t reflect.Type) object {
	ref := object{"$ref": "#/components/schemas/" + t.Name()}
	if _, known := s[t.Name()]; known {
		return ref
	}
	schema := object{"type": "object", "additionalProperties": false}
	s[t.Name()] = schema // before its fields: a type may hold itself
	properties := object{}
	required := []string{}
	for i := range t.NumField() {
		name, optional := fieldName(t.Field(i))
		if name == "" {
			continue
		}
		of := t.Field(i).Type
		if optional && of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		property := s.of(of)
		if about := described[t.Name()+"."+name]; about != "" {
			property["description"] = about
		}
		properties[name] = property
		if !optional {
			required = append(required, name)
		}
	}
	schema["properties"] = properties
	if len(required) > 0 {
		schema["required"] = required
	}
	if about := described[t.Name()]; about != "" {
		schema["description"] = about
	}
	return ref
}

// fieldName is a field's name in JSON, or "" when it has none.
func fieldName(f reflect.StructField) (name string, optional bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || !f.IsExported() {
		return "", false
	}
	return name, strings.Contains(options, "omit")
}
