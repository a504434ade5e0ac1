package upstream

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Signing is how calls are signed: the "signing" section of the configuration file. Without one they are not. What the
// signatures are is in docs/signing.md.
type Signing struct {
	// Keys are the secrets. Calls are signed with the first that is not VerifyOnly.
	Keys []SigningKey `json:"keys"`
	// Message is the message signature, with the subgraph's own key, which is derived.
	Message struct {
		// Enabled is true when nothing is said.
		Enabled *bool `json:"enabled"`
		// Expires is for how long a signature is good; 30s when 0.
		Expires time.Duration `json:"expires"`
	} `json:"message"`
	// Extension is the extension signature, with the secret itself.
	Extension struct {
		Enabled bool `json:"enabled"`
		// Name is that of the extension; "hmac-signature" when "".
		Name string `json:"name"`
		// Key is the id of the key, that of the message signature when "". Who verifies extension signatures knows the secret, so
		// that it should not be the one from which the keys of message signatures are derived.
		Key string `json:"key"`
	} `json:"extension"`
}

// SigningKey is one secret.
type SigningKey struct {
	// ID names the key to verifiers.
	ID string `json:"id"`
	// Secret is where the secret is; it has at least 32 bytes.
	Secret secret.Source `json:"secret"`
	// VerifyOnly: verifiers still know it, and nothing is signed with it any more.
	VerifyOnly bool `json:"verifyOnly"`
}

// extensionName returns the name of the extension with the extension signature. It is reserved whether that is on or not.
func (s *Signing) extensionName() string {
	if s == nil || s.Extension.Name == "" {
		return "hmac-signature"
	}
	return s.Extension.Name
}

// signs tells which signatures a subgraph gets.
func (s *Signing) signs(own SubgraphConfig) (message, extension bool) {
	if s == nil {
		return false, false
	}
	message = s.Message.Enabled == nil || *s.Message.Enabled
	extension = s.Extension.Enabled
	if own.Signing.Message != nil {
		message = *own.Signing.Message
	}
	if own.Signing.Extension != nil {
		extension = *own.Signing.Extension
	}
	return message, extension
}

// Below returns s with the files of its secrets relative to dir.
func (s *Signing) Below(dir string) *Signing {
	if s == nil {
		return nil
	}
	moved := *s
	moved.Keys = make([]SigningKey, len(s.Keys))
	for i, k := range s.Keys {
		k.Secret = k.Secret.Below(dir)
		moved.Keys[i] = k
	}
	return &moved
}

// Check calls report for everything that is wrong with s, with the path of the member within s. It reads no secret. A nil s is
// fine. The name is that of the extension with the identity.
func (s *Signing) Check(identity string, report func(path, problem string)) {
	if s == nil {
		return
	}
	if len(s.Keys) == 0 {
		report("keys", "is required")
	}
	for i, k := range s.Keys {
		path := fmt.Sprintf("keys[%d]", i)
		if err := signature.KeyID(k.ID).Check(); err != nil {
			report(path+".id", err.Error())
		}
		for _, other := range s.Keys[:i] {
			if other.ID == k.ID {
				report(path+".id", "occurs twice")
			}
		}
		k.Secret.Check(func(member, problem string) {
			member = strings.TrimSuffix(path+".secret."+member, ".")
			report(member, problem)
		})
	}
	if len(s.Keys) > 0 {
		if _, err := signature.Choose(s.ids(), ""); err != nil {
			report("keys", err.Error())
		}
	}
	const longest = 60 * time.Second
	if e := s.Message.Expires; e < 0 || e > longest || e%time.Second != 0 {
		report("message.expires", "must be whole seconds, at most 60s")
	}
	if strings.EqualFold(s.extensionName(), identity) {
		report("extension.name", "is the name of the extension with the identity (jwt.forward.extensionsFieldName)")
	}
	if id := s.Extension.Key; id != "" {
		if _, err := signature.Choose(s.ids(), signature.KeyID(id)); err != nil {
			report("extension.key", err.Error())
		}
	}
}

// CheckSubgraph calls report for what a subgraph's own settings ask of signing and do not get, with the path of the member
// within the settings.
func (s *Signing) CheckSubgraph(own SubgraphConfig, report func(path, problem string)) {
	wants := func(b *bool) bool { return b != nil && *b }
	switch {
	case s == nil && own.Signing.Key != "":
		report("signing.key", `there are no keys: "signing" is not configured`)
	case s == nil && wants(own.Signing.Message):
		report("signing.message", `there are no keys: "signing" is not configured`)
	case s == nil && wants(own.Signing.Extension):
		report("signing.extension", `there are no keys: "signing" is not configured`)
	case s != nil && own.Signing.Key != "":
		if _, err := signature.Choose(s.ids(), signature.KeyID(own.Signing.Key)); err != nil {
			report("signing.key", err.Error())
		}
	}
}

// ids returns the keys without their secrets.
func (s *Signing) ids() []signature.Secret {
	all := make([]signature.Secret, len(s.Keys))
	for i, k := range s.Keys {
		all[i] = signature.Secret{ID: signature.KeyID(k.ID), VerifyOnly: k.VerifyOnly}
	}
	return all
}

// read returns the keys with their secrets. The error names all that cannot be used, with their paths.
func (s *Signing) read() ([]signature.Secret, error) {
	if s == nil {
		return nil, nil
	}
	all := s.ids()
	var problems []error
	for i, k := range s.Keys {
		value, err := k.Secret.Read()
		if err == nil {
			all[i].Bytes = value.Bytes()
			_, err = signature.NewKey(all[i].ID, all[i].Bytes)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("signing.keys[%d].secret: %w", i, err))
		}
	}
	return all, errors.Join(problems...)
}

// newSigners gives a target what it signs with.
func (t *target) newSigners(s *Signing, secrets []signature.Secret, own SubgraphConfig) error {
	message, extension := s.signs(own)
	if !message && !extension {
		return nil
	}
	chosen, err := signature.Choose(secrets, signature.KeyID(own.Signing.Key))
	if err != nil {
		return fmt.Errorf("subgraphs.%s.signing.key: %w", t.name, err)
	}
	if message {
		if t.message, err = newMessageSigner(t, chosen, s.Message.Expires); err != nil {
			return fmt.Errorf("signing calls to subgraph %q: %w", t.name, err)
		}
	}
	if !extension {
		return nil
	}
	if s.Extension.Key != "" {
		if chosen, err = signature.Choose(secrets, signature.KeyID(s.Extension.Key)); err != nil {
			return fmt.Errorf("signing.extension.key: %w", err)
		}
	}
	key, err := signature.NewKey(chosen.ID, chosen.Bytes)
	if err != nil {
		return err
	}
	t.extension = &extensionSigner{key: key, head: append(gqlerr.AppendString(nil, s.extensionName()), ':', '"')}
	return nil
}

// SignsMessages tells whether there are message signatures where nobody says anything else. A nil s has none.
func (s *Signing) SignsMessages() bool {
	message, _ := s.signs(SubgraphConfig{})
	return message
}

// Signer returns what signs POST requests with JSON to somebody who is no subgraph, with a key that is derived for that
// audience, as those of subgraphs are: no subgraph may have its name. The id is that of the secret, "" for the one that
// subgraphs get; the query is that of the address, as it is sent. The error is about an audience or a secret that cannot be used.
func (s *Signing) Signer(audience, id, query string) (*signature.Signer, error) {
	secrets, err := s.read()
	if err != nil {
		return nil, err
	}
	chosen, err := signature.Choose(secrets, signature.KeyID(id))
	if err != nil {
		return nil, err
	}
	return signerFor(chosen, signature.SignerConfig{Subgraph: audience, Query: query, Expires: s.Message.Expires})
}

// newMessageSigner returns a signer with the subgraph's own key.
func newMessageSigner(t *target, from signature.Secret, expires time.Duration) (*signature.Signer, error) {
	return signerFor(from, signature.SignerConfig{
		Subgraph: string(t.name), ContentType: t.header.mutation.Get("Content-Type"), Query: t.url.RawQuery, Expires: expires,
	})
}

// signerFor returns a signer with the key that is derived for its audience.
func signerFor(from signature.Secret, c signature.SignerConfig) (*signature.Signer, error) {
	derived, err := from.Derive(c.Subgraph)
	if err != nil {
		return nil, err
	}
	if c.Key, err = signature.NewKey(from.ID, derived); err != nil {
		return nil, err
	}
	return signature.NewSigner(c)
}

// Warning tells of a key whose secret some subgraph needs for extension signatures while the keys of message signatures are
// derived from it, under whatever id: whoever knows it can sign messages to every subgraph. It is "" when there is none.
func (s *Signing) Warning(subgraphs []*supergraph.Subgraph, own map[supergraph.SubgraphName]SubgraphConfig) string {
	secrets, err := s.read()
	if err != nil { // as where a configuration alone is looked at: what comes from one place is the same
		secrets = s.ids()
		for i, k := range s.Keys {
			secrets[i].Bytes = []byte(k.Secret.Env + "\x00" + k.Secret.File)
		}
	}
	derivedFrom := map[string]bool{}
	var known []signature.Secret
	for _, g := range subgraphs {
		message, extension := s.signs(own[g.Name])
		if !message && !extension {
			continue
		}
		chosen, err := signature.Choose(secrets, signature.KeyID(own[g.Name].Signing.Key))
		if err != nil {
			continue
		}
		if message {
			derivedFrom[string(chosen.Bytes)] = true
		}
		if extension && s.Extension.Key != "" {
			if chosen, err = signature.Choose(secrets, signature.KeyID(s.Extension.Key)); err != nil {
				continue
			}
		}
		if extension {
			known = append(known, chosen)
		}
	}
	for _, secret := range known {
		if derivedFrom[string(secret.Bytes)] {
			return fmt.Sprintf("subgraphs that verify extension signatures know the secret %q, with which messages to all "+
				"subgraphs can be signed; give them another one with signing.extension.key", secret.ID)
		}
	}
	return ""
}
