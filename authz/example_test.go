package authz_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

func ExampleAuthenticator() {
	const key = "a secret of at least 32 bytes, as HS256 needs it"
	_ = os.Setenv("EXAMPLE_JWT_SECRET", key)

	config := authz.DefaultConfig()
	config.Providers = []authz.Provider{{
		Name:      "local",
		KeySource: authz.KeySource{Secret: secret.Source{Env: "EXAMPLE_JWT_SECRET"}},
		Audience:  []string{"demo"},
	}}
	authenticator, err := authz.NewAuthenticator(context.Background(), config, authz.Observer{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer authenticator.Close()

	token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "ada", "aud": "demo", "scope": "read:orders", "exp": time.Now().Add(time.Minute).Unix(),
	}).SignedString([]byte(key))
	for _, authorization := range []string{"Bearer " + token, "Bearer " + token + "x", ""} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
		r.Header.Set("Authorization", authorization)
		caller, rejection, err := authenticator.Authenticate(r)
		switch {
		case err != nil:
			fmt.Println(err)
		case rejection != nil:
			fmt.Println(rejection.StatusCode(), rejection.Challenge)
		default:
			fmt.Println(caller.Subject, caller.HasScope("read:orders"))
		}
	}
	// Output:
	// ada true
	// 401 Bearer error="invalid_token", error_description="The signature of the token is not valid"
	// 401 Bearer
}
