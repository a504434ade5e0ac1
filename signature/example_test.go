package signature_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// A gateway signs a request to the subgraph reviews, and the subgraph verifies it.
func Example() {
	secret := signature.Secret{ID: "2026-11", Bytes: []byte("an example secret, never a real one")}
	derived, err := secret.Derive("reviews")
	if err != nil {
		panic(err)
	}
	key, err := signature.NewKey(secret.ID, derived)
	if err != nil {
		panic(err)
	}
	signer, err := signature.NewSigner(signature.SignerConfig{Subgraph: "reviews", Key: key})
	if err != nil {
		panic(err)
	}
	verifier, err := signature.NewVerifier(signature.VerifierConfig{Subgraph: "reviews", Keys: []*signature.Key{key}})
	if err != nil {
		panic(err)
	}

	body := `{"query":"{reviews{body}}"}`
	signed, err := signer.Sign([]byte(body), nil)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	signed.Set(r.Header)

	verified, err := verifier.Verify(signature.FromRequest(r), []byte(body))
	fmt.Println(verified.KeyID, err)
	_, err = verifier.Verify(signature.FromRequest(r), []byte(`{"query":"{users{email}}"}`))
	fmt.Println(errors.Is(err, signature.Invalid))
	// Output:
	// 2026-11 <nil>
	// true
}
