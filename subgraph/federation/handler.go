package federation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	graphql "github.com/graph-gophers/graphql-go"
)

// MaxBody is the largest request body that [Handler] reads, in bytes.
const MaxBody = 8 << 20

// Handler serves a schema over HTTP: POST with a JSON body of query, operationName and variables
// (https://graphql.github.io/graphql-over-http/draft/). The answer is application/json with status 200, also for a
// document that does not validate; a request that is no GraphQL request is answered with 405, 415, 413 or 400,
// always with a body of the form {"errors":[{"message":...}]}.
//
// Compared with relay.Handler of graphql-go it checks method and content type, bounds the body, answers errors as JSON, and keeps
// whole numbers in variables: 64-bit keys in representations keep all their digits, and a number is good for an ID. It also
// rewrites fragments on abstract types that graphql-go cannot execute where they stand; a document of which that would make
// more than a megabyte is answered with an error.
func Handler(schema *graphql.Schema) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, status, err := readRequest(w, r)
		if err != nil {
			if status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", http.MethodPost)
			}
			writeError(w, status, err)
			return
		}
		document, err := concreteFragments(schema, request.Query, request.OperationName, request.Variables)
		if err != nil {
			writeError(w, http.StatusOK, err)
			return
		}
		writeJSON(w, http.StatusOK, schema.Exec(r.Context(), document, request.OperationName, request.Variables))
	})
}

type request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// readRequest returns the request, or the status and the error that it deserves.
func readRequest(w http.ResponseWriter, r *http.Request) (*request, int, error) {
	if r.Method != http.MethodPost {
		return nil, http.StatusMethodNotAllowed, errors.New("only POST is supported")
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return nil, http.StatusUnsupportedMediaType, errors.New("the content type must be application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, http.StatusRequestEntityTooLarge, errors.New("the request body is too large")
		}
		return nil, http.StatusBadRequest, errors.New("the request body could not be read")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var decoded request
	err = decoder.Decode(&decoded)
	if _, end := decoder.Token(); err != nil || !errors.Is(end, io.EOF) {
		return nil, http.StatusBadRequest, errors.New("the request body is not a JSON object with query, operationName and variables")
	}
	if decoded.Query == "" {
		return nil, http.StatusBadRequest, errors.New("the request has no query")
	}
	for name, value := range decoded.Variables {
		decoded.Variables[name] = numbers(value)
	}
	return &decoded, http.StatusOK, nil
}

// numbers replaces each json.Number by the type that graphql-go takes for it: int32 (good for Int, Float
// and ID), else int64, else float64.
func numbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := strconv.ParseInt(value.String(), 10, 32); err == nil {
			return int32(whole)
		}
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		number, err := value.Float64()
		if err != nil {
			return value.String() // beyond a double: no scalar takes it, the error is that of the field
		}
		return number
	case []any:
		for i := range value {
			value[i] = numbers(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = numbers(value[name])
		}
	}
	return value
}

// writeError answers with one error.
func writeError(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]any{"errors": []map[string]string{{"message": err.Error()}}})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		status, encoded = http.StatusInternalServerError, []byte(`{"errors":[{"message":"the answer could not be encoded"}]}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encoded)
}
