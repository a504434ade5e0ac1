package session

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// AdminConfig is the secret by which an administrator of the gateway is recognised: the "adminSecret" section of the
// configuration file.
type AdminConfig struct {
	// Header is the name of the header that carries the secret.
	Header string `json:"header"`
	// Secrets are accepted, each of them, so that one can be replaced by another. They have at least 32 bytes.
	Secrets []secret.Source `json:"secrets"`
}

// minSecret is how many bytes an admin secret must have: it opens everything, and can be guessed at over the network.
const minSecret = 32

// HeaderName returns the name of the header in lower case.
func (c AdminConfig) HeaderName() string { return strings.ToLower(c.Header) }

// Below returns c with its files relative to dir.
func (c AdminConfig) Below(dir string) AdminConfig {
	below := make([]secret.Source, len(c.Secrets))
	for i, s := range c.Secrets {
		below[i] = s.Below(dir)
	}
	c.Secrets = below
	return c
}

// Check calls report for everything that is wrong with c, with the path of the member within c. It reads no secret.
func (c AdminConfig) Check(report func(path, problem string)) {
	switch name := c.HeaderName(); {
	case !isFieldName(name) || !strings.HasPrefix(name, "x-"):
		report("header", `must be the name of a header that begins with "x-"`)
	case strings.HasPrefix(name, "x-forwarded-") || strings.HasSuffix(name, "-role"):
		report("header", "is a header with another meaning")
	}
	if len(c.Secrets) == 0 {
		report("secrets", "must have a secret")
	}
	for i, s := range c.Secrets {
		s.Check(func(path, problem string) {
			if path != "" {
				path = "." + path
			}
			report("secrets["+strconv.Itoa(i)+"]"+path, problem)
		})
	}
}

// Admin recognises administrators by the admin secret, and leaves everybody else to another method. It is safe for concurrent
// use. It keeps digests, and no secret.
type Admin struct {
	header  string // in canonical form
	digests [][sha256.Size]byte
	next    authz.Method // nil when there is no other
}

var _ authz.Method = (*Admin)(nil)

// NewAdmin reads the secrets. Without a next method, everybody else is anonymous. The error says which secret cannot be read
// or is too short.
func NewAdmin(c AdminConfig, next authz.Method) (*Admin, error) {
	a := &Admin{header: textproto.CanonicalMIMEHeaderKey(c.Header), next: next}
	var problems []error
	c.Check(func(path, problem string) {
		problems = append(problems, fmt.Errorf("adminSecret.%s: %s", path, problem))
	})
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	for i, source := range c.Secrets {
		value, err := source.Read()
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("adminSecret.secrets[%d]: %w", i, err))
		case len(value.Bytes()) < minSecret:
			problems = append(problems, fmt.Errorf("adminSecret.secrets[%d]: has fewer than %d bytes", i, minSecret))
		default:
			a.digests = append(a.digests, sha256.Sum256(value.Bytes()))
		}
	}
	return a, errors.Join(problems...)
}

// Authenticate implements authz.Method. Who has the secret is an administrator, whatever else the request carries; who has
// the header with something else is rejected, also with a valid token: it was not meant for a caller. Several values are a
// *gqlerr.Error (BAD_REQUEST).
func (a *Admin) Authenticate(r *http.Request) (authz.Identity, *authz.Rejection, error) {
	values, given := r.Header[a.header]
	switch {
	case !given && a.next == nil:
		return authz.Identity{}, nil, nil
	case !given:
		return a.next.Authenticate(r)
	case len(values) != 1:
		return authz.Identity{}, nil, errSeveralSecrets
	case !a.knows(values[0]):
		return authz.Identity{}, wrongSecret, nil
	}
	return authz.Identity{Admin: true, Provider: "adminSecret"}, nil, nil
}

// knows tells whether the text is one of the secrets, in a time that says nothing about them.
func (a *Admin) knows(text string) bool {
	digest := sha256.Sum256([]byte(text))
	found := 0
	for i := range a.digests {
		found |= subtle.ConstantTimeCompare(digest[:], a.digests[i][:])
	}
	return found == 1
}

var (
	errSeveralSecrets = gqlerr.New(gqlerr.BadRequest, "The request holds several admin secrets")
	wrongSecret       = &authz.Rejection{Challenge: `AdminSecret realm="gatehouse"`, Reason: "admin secret"}
)
