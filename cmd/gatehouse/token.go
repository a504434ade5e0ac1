package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// Who the tokens of the demo and of the committed configuration are from and for.
const (
	demoIssuer   = "gatehouse-demo"
	demoAudience = "demo"
)

// minSecret is how long the secret of HS256 must be (RFC 7518, section 3.2).
const minSecret = 32

// tokenFlags are what the verb token is asked.
type tokenFlags struct {
	secretEnv, subject, issuer, audience, scope string
	claims                                      []string
	ttl                                         time.Duration
}

// newToken returns the verb token.
func newToken() *cobra.Command {
	var f tokenFlags
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make a token for development, signed with a shared secret (HS256)",
		Long: "Make a token for development, signed with the secret in an environment variable (HS256). The value of a claim is JSON,\n" +
			"or else a string.",
		Example: "  gatehouse token --secret-env JWT_SECRET --sub 1 --scope 'admin read:email' --claim 'policies=[\"finance\"]'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := secret.Source{Env: f.secretEnv}.Read()
			if err != nil {
				return err
			}
			claims, err := f.payload(time.Now())
			if err != nil {
				return err
			}
			token, err := mint(key, claims)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		},
	}
	cmd.Flags().StringVar(&f.secretEnv, "secret-env", "JWT_SECRET", "`name` of the environment variable with the secret")
	cmd.Flags().StringVar(&f.subject, "sub", "", "the `caller` (claim sub)")
	cmd.Flags().StringVar(&f.issuer, "issuer", demoIssuer, "`name` of who the token is from (claim iss); none if empty")
	cmd.Flags().StringVar(&f.audience, "audience", demoAudience, "`name` of who the token is for (claim aud); none if empty")
	cmd.Flags().StringVar(&f.scope, "scope", "", "`scopes`, separated by spaces (claim scope)")
	cmd.Flags().StringArrayVar(&f.claims, "claim", nil, "any other claim as `name=value`; may be repeated")
	cmd.Flags().DurationVar(&f.ttl, "ttl", time.Hour, "how long the token is valid")
	return cmd
}

// payload returns the claims.
func (f tokenFlags) payload(now time.Time) (map[string]any, error) {
	if f.ttl <= 0 {
		return nil, errors.New("--ttl must be more than 0")
	}
	claims := map[string]any{"iat": now.Unix(), "exp": now.Add(f.ttl).Unix()}
	for name, value := range map[string]string{"sub": f.subject, "iss": f.issuer, "aud": f.audience, "scope": f.scope} {
		if value != "" {
			claims[name] = value
		}
	}
	for _, text := range f.claims {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--claim %q: must be name=value", text)
		}
		if json.Valid([]byte(value)) {
			claims[name] = json.RawMessage(value)
		} else {
			claims[name] = value
		}
	}
	return claims, nil
}

// mint returns a token (RFC 7515, section 7.1) with these claims.
func mint(key secret.Value, claims map[string]any) (string, error) {
	if n := len(key.Bytes()); n < minSecret {
		return "", fmt.Errorf("the secret has %d bytes, and HS256 needs %d", n, minSecret)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, key.Bytes())
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil)), nil
}

// demoCaller is somebody for whom the demo makes a token.
type demoCaller struct {
	name, what string
	claims     map[string]any
}

// demoCallers are in the order of what they may see.
var demoCallers = []demoCaller{
	{"CUSTOMER", "a customer", map[string]any{"sub": "3"}},
	{"SUPPORT", "support: scope read:email", map[string]any{"sub": "2", "scope": "read:email"}},
	{"ADMIN", "an administrator of the shop: scopes admin and read:email, policy finance", map[string]any{
		"sub": "1", "scope": "admin read:email", "policies": []string{"finance"},
	}},
}

// token returns a token for the caller.
func (c demoCaller) token(key secret.Value, ttl time.Duration) (string, error) {
	claims, err := tokenFlags{issuer: demoIssuer, audience: demoAudience, ttl: cmp.Or(ttl, time.Hour)}.payload(time.Now())
	if err != nil {
		return "", err
	}
	maps.Copy(claims, c.claims)
	return mint(key, claims)
}
