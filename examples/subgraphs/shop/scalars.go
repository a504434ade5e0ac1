package shop

import (
	"encoding/json"
	"fmt"
	"time"
)

type (
	role         string
	country      string
	category     string
	currency     string
	mediaKind    string
	productOrder string
	verdict      string
	stockStatus  string
)

// date is the scalar Date: a calendar day, as YYYY-MM-DD.
type date string

// ImplementsGraphQLType is part of the contract of graphql-go.
func (date) ImplementsGraphQLType(name string) bool { return name == "Date" }

// UnmarshalGraphQL is part of the contract of graphql-go.
func (d *date) UnmarshalGraphQL(input any) error {
	text, ok := input.(string)
	if !ok {
		return fmt.Errorf("a Date is a string, not %T", input)
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return fmt.Errorf("%q is not a Date: want YYYY-MM-DD", text)
	}
	*d = date(text)
	return nil
}

// jsonValue is the scalar JSON.
type jsonValue struct{ value any }

// ImplementsGraphQLType is part of the contract of graphql-go.
func (jsonValue) ImplementsGraphQLType(name string) bool { return name == "JSON" }

// UnmarshalGraphQL is part of the contract of graphql-go.
func (j *jsonValue) UnmarshalGraphQL(input any) error {
	j.value = input
	return nil
}

// MarshalJSON writes the value itself.
func (j jsonValue) MarshalJSON() ([]byte, error) { return json.Marshal(j.value) }
