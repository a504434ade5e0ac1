package gateway

import (
	"strconv"
	"strings"
)

// format is a media type of answers.
type format uint8

const (
	formatJSON format = iota
	formatGraphQLResponse
	formats
)

// mediaTypes are the names of the formats.
var mediaTypes = [formats]string{"application/json", "application/graphql-response+json"}

// contentTypes are the values of the Content-Type header, as net/http keeps them, so that setting one allocates nothing.
var contentTypes = [formats][]string{{"application/json; charset=utf-8"}, {"application/graphql-response+json; charset=utf-8"}}

// negotiate chooses the media type of the answer by Accept (RFC 9110, section 12.5.1; GraphQL over HTTP): the one with
// the higher quality, of equal ones the one that is named first. Without Accept, and where only a wildcard matches, it is
// application/json, as the published audit of GraphQL over HTTP wants; a newer draft prefers the other one. It returns
// application/json and false when neither is acceptable.
func negotiate(accept []string) (format, bool) {
	if len(accept) == 0 {
		return formatJSON, true
	}
	if len(accept) == 1 {
		switch accept[0] {
		case "", "*/*", "application/json":
			return formatJSON, true
		case "application/graphql-response+json":
			return formatGraphQLResponse, true
		}
	}
	var choices [formats]choice
	place := 0
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			place++
			for f := range choices {
				choices[f].consider(part, mediaTypes[f], place)
			}
		}
	}
	plain, response := choices[formatJSON], choices[formatGraphQLResponse]
	switch {
	case plain.quality <= 0 && response.quality <= 0:
		return formatJSON, false
	case response.quality > plain.quality,
		response.quality == plain.quality && response.specificity == exact && (plain.specificity < exact || response.place < plain.place):
		return formatGraphQLResponse, true
	}
	return formatJSON, true
}

// How well a range of Accept fits a media type.
const (
	noMatch = iota
	anything
	anyApplication
	exact
)

// choice is what Accept says about one media type: what its most specific range says.
type choice struct {
	quality     float64
	specificity int
	place       int
}

// consider takes one range of Accept into account.
func (c *choice) consider(part, mediaType string, place int) {
	kind, parameters, _ := strings.Cut(part, ";")
	kind = strings.TrimSpace(kind)
	specificity := noMatch
	switch {
	case strings.EqualFold(kind, mediaType):
		specificity = exact
	case strings.EqualFold(kind, "application/*"):
		specificity = anyApplication
	case kind == "*/*":
		specificity = anything
	}
	quality, ok := qualityOf(parameters)
	if specificity > c.specificity && ok {
		*c = choice{quality: quality, specificity: specificity, place: place}
	}
}

// qualityOf returns the q of a range, 1 without one, and false when the range is for another charset or makes no sense.
func qualityOf(parameters string) (float64, bool) {
	quality := 1.0
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "q":
			q, err := strconv.ParseFloat(value, 64)
			if err != nil || q < 0 || q > 1 {
				return 0, false
			}
			quality = q
		case "charset":
			if !strings.EqualFold(value, "utf-8") {
				return 0, false
			}
		}
	}
	return quality, true
}
