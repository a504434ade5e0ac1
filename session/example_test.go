package session_test

import (
	"fmt"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/session"
)

func ExampleSession_Of() {
	variables, err := session.New(session.Config{
		Prefix:          "x-hasura-",
		ClaimsNamespace: "https://hasura.io/jwt/claims",
	}, "")
	if err != nil {
		panic(err)
	}
	caller, err := authz.NewIdentity([]byte(`{
		"sub": "42",
		"https://hasura.io/jwt/claims": {
			"x-hasura-user-id": "42", "x-hasura-default-role": "user", "x-hasura-allowed-roles": ["user", "editor"]
		}
	}`))
	if err != nil {
		panic(err)
	}
	fields, rejection, err := variables.Of(caller, http.Header{"X-Hasura-Role": {"editor"}})
	fmt.Println(fields, rejection, err)
	// Output:
	// [{x-hasura-role editor} {x-hasura-user-id 42}] <nil> <nil>
}
