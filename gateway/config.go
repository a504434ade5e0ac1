package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/session"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// Config is the configuration file: the sum of what the stages let one configure. Start from DefaultConfig: a zero
// member is a value and not a default.
type Config struct {
	// ListenConfig is where the gateway listens, and for whom.
	ListenConfig
	// HeaderConfig is which headers subgraphs get.
	upstream.HeaderConfig

	// Schema is where editors find the JSON Schema of the file. The gateway does not look at it.
	Schema string `json:"$schema"`
	// Supergraph is where the supergraph comes from.
	Supergraph SupergraphConfig `json:"supergraph"`
	// JWT is how callers are recognised, and what subgraphs are told about them. Without providers nobody is recognised by tokens; a
	// file that has the section must have some, unless the program recognises callers itself.
	JWT JWTConfig `json:"jwt"`
	// Authorization is how the rules of the schema are enforced, and who decides about policies.
	Authorization authz.AuthorizationConfig `json:"authorization"`
	// Session is which facts about the caller subgraphs get as headers; nil: none.
	Session *session.Config `json:"session"`
	// AdminSecret is how administrators are recognised; nil: there are none.
	AdminSecret *session.AdminConfig `json:"adminSecret"`
	// ResponseHeaders are the headers of subgraphs' answers that clients get.
	ResponseHeaders []ResponseHeader `json:"responseHeaders"`
	// ForwardExtensions are the names of extensions of clients' requests that subgraphs get.
	ForwardExtensions []string `json:"forwardExtensions"`
	// Signing is how calls to subgraphs are signed; nil: they are not.
	Signing *upstream.Signing `json:"signing"`
	// Upstream is how subgraphs are called, Subgraphs what differs for one of them.
	Upstream  upstream.Config                                     `json:"upstream"`
	Subgraphs map[supergraph.SubgraphName]upstream.SubgraphConfig `json:"subgraphs"`
	// Limits bound what clients may ask for.
	Limits Limits `json:"limits"`
	// Log is what is logged, and how.
	Log LogConfig `json:"log"`
}

// ListenConfig is where the gateway listens, and for whom.
type ListenConfig struct {
	// Listen is the address of the public listener, host:port.
	Listen string `json:"listen"`
	// GraphiQL serves the GraphiQL page at GET /graphql to browsers.
	GraphiQL bool `json:"graphiql"`
	// Admin is the listener for operators.
	Admin AdminConfig `json:"admin"`
}

// JWTConfig is how callers are recognised, and what subgraphs are told about them.
type JWTConfig struct {
	authz.Config

	// Forward is what subgraphs are told.
	Forward upstream.Forward `json:"forward"`

	// given are the members that the section has in the file, nil if the file has no section.
	given []string `json:"-"`
}

// check reports a section that cannot do what it says: without providers nothing but Forward has an effect, and that only when
// the program recognises callers itself. Who writes that bad tokens are rejected must not get a gateway that looks at none.
func (c JWTConfig) check(ownMethod bool, report func(path, text string)) {
	switch {
	case ownMethod && len(c.Providers) > 0:
		report("providers", "must be empty, since the program recognises callers itself")
	case ownMethod:
		for _, key := range slices.Sorted(slices.Values(c.given)) {
			if key != "forward" && key != "providers" {
				report(key, "has no effect, since the program recognises callers itself")
			}
		}
	case c.given != nil && len(c.Providers) == 0:
		report("providers", "must say whose tokens are accepted: without any, no token is looked at and everybody is anonymous")
	}
}

// SupergraphConfig is where the supergraph comes from.
type SupergraphConfig struct {
	// Path of the SDL file. In a configuration file it is relative to the folder of that file.
	Path string `json:"path"`
}

// DefaultConfig returns the configuration of an empty file: it has no supergraph.
func DefaultConfig() Config {
	return Config{
		ListenConfig: ListenConfig{Listen: "127.0.0.1:4000"},
		JWT:          JWTConfig{Config: authz.DefaultConfig(), Forward: upstream.DefaultForward()},
		Upstream:     upstream.DefaultConfig(),
		Limits:       defaultLimits(),
		Log:          LogConfig{Format: "text"},
	}
}

// ConfigError is all that is wrong with a configuration.
type ConfigError struct {
	// File is the name of the file, "" when the configuration is from elsewhere.
	File     string
	Problems []Problem
}

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	// Path is the JSON path of the member, such as "subgraphs.reviews.timeout"; "" is the whole file.
	Path string
	// Text says what is wrong, and where it can, what would be right.
	Text string
}

// String returns path and text.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Text
	}
	return p.Path + ": " + p.Text
}

// Error lists the problems, one in a line.
func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("configuration")
	if e.File != "" {
		b.WriteString(" " + e.File)
	}
	separator := ": "
	if len(e.Problems) > 1 {
		fmt.Fprintf(&b, ": %d problems", len(e.Problems))
		separator = "\n  "
	}
	for _, p := range e.Problems {
		b.WriteString(separator + p.String())
	}
	return b.String()
}

// LoadConfig reads a configuration file. The error is a *ConfigError with all problems when the file can be read; the
// configuration then has what is right of it.
func LoadConfig(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	config, problems := parseConfig(text)
	if p := config.Supergraph.Path; p != "" && !filepath.IsAbs(p) {
		config.Supergraph.Path = filepath.Join(filepath.Dir(path), p)
	}
	config.JWT.Config = config.JWT.Below(filepath.Dir(path))
	config.Signing = config.Signing.Below(filepath.Dir(path))
	config.Authorization = config.Authorization.Below(filepath.Dir(path))
	config.HeaderConfig = config.HeaderConfig.Below(filepath.Dir(path))
	if config.AdminSecret != nil {
		*config.AdminSecret = config.AdminSecret.Below(filepath.Dir(path))
	}
	for name, subgraph := range config.Subgraphs {
		config.Subgraphs[name] = subgraph.Below(filepath.Dir(path))
	}
	if len(problems) > 0 {
		return config, &ConfigError{File: path, Problems: problems}
	}
	return config, nil
}

// ParseConfig reads the text of a configuration file. Unknown keys, keys that stand twice, values of a wrong type and
// values out of range are all reported at once, in a *ConfigError.
func ParseConfig(text []byte) (Config, error) {
	config, problems := parseConfig(text)
	if len(problems) > 0 {
		return Config{}, &ConfigError{Problems: problems}
	}
	return config, nil
}

// parseConfig decodes and checks. Of what could not be decoded the check says nothing: it has its default, or is left out.
func parseConfig(text []byte) (Config, []Problem) {
	config := DefaultConfig()
	problems := decodeStrictly(text, &config)
	config.JWT.given = membersOf(text, "jwt")
	for _, p := range config.check() {
		follows := func(known Problem) bool { return isWithin(known.Path, p.Path) || isWithin(p.Path, known.Path) }
		if !slices.ContainsFunc(problems, follows) {
			problems = append(problems, p)
		}
	}
	return config, problems
}

// membersOf returns the names in a section of a file that was decoded, in any order; nil if there is no such section.
func membersOf(text []byte, section string) []string {
	var sections map[string]json.RawMessage
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &sections) != nil || json.Unmarshal(sections[section], &members) != nil {
		return nil // which decodeStrictly reports
	}
	return slices.AppendSeq([]string{}, maps.Keys(members))
}

// isWithin tells whether the JSON path is above or one of what is below it.
func isWithin(path, above string) bool {
	rest, ok := strings.CutPrefix(path, above)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// check returns what is wrong with values that have the right type.
func (c Config) check() []Problem {
	var problems []Problem
	below := func(prefix string) func(path, text string) {
		return func(path, text string) {
			problems = append(problems, Problem{Path: pathBelow(prefix, path), Text: text})
		}
	}
	if c.Listen == "" {
		below("")("listen", "must be an address such as 127.0.0.1:4000")
	}
	c.JWT.Check(below("jwt"))
	c.JWT.Forward.Check(below("jwt.forward"))
	c.Signing.Check(c.JWT.Forward.ExtensionsFieldName, below("signing"))
	upstream.CheckNames(c.ForwardExtensions, c.JWT.Forward, c.Signing, below("forwardExtensions"))
	c.Authorization.Check(below("authorization"))
	c.checkWebhookSigning(below(""))
	c.HeaderConfig.Check(c.reserved(), below(""))
	c.checkSession(below)
	checkResponseHeaders(c.ResponseHeaders, c.reserved(), below("responseHeaders"))
	c.Upstream.Check(below("upstream"))
	names := make([]supergraph.SubgraphName, 0, len(c.Subgraphs))
	for name := range c.Subgraphs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		report := below(joinPath("subgraphs", string(name)))
		c.Subgraphs[name].Check(c.reserved(), report)
		c.Signing.CheckSubgraph(c.Subgraphs[name], report)
	}
	c.Limits.check(below("limits"))
	c.Log.check(below("log"))
	return problems
}

// reserved returns the header names that the configuration gives a meaning.
func (c Config) reserved() upstream.Reserved {
	var r upstream.Reserved
	if c.Session != nil {
		r.SessionPrefix = c.Session.HeaderPrefix()
	}
	if c.AdminSecret != nil {
		r.AdminHeader = c.AdminSecret.HeaderName()
	}
	return r
}

// checkSession reports what is wrong with session variables and the admin secret.
func (c Config) checkSession(below func(prefix string) func(path, text string)) {
	if c.Session != nil {
		c.Session.Check(below("session"))
	}
	if c.AdminSecret == nil {
		return
	}
	c.AdminSecret.Check(below("adminSecret"))
	for _, l := range c.JWT.TokenLookup {
		if strings.EqualFold(l.Header, c.AdminSecret.Header) && l.Header != "" {
			below("adminSecret")("header", "is where tokens are looked for")
		}
	}
}

// pathBelow returns the JSON path of what has a path of its own within the member at prefix.
func pathBelow(prefix, path string) string {
	if prefix == "" || path == "" || path[0] == '[' {
		return prefix + path
	}
	return prefix + "." + path
}
