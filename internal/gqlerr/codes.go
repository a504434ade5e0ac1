package gqlerr

// Code says what kind of failure an error is, as extensions.code tells it to clients. Code is itself an error,
// so that errors.Is(err, gqlerr.ParseFailed) asks whether an *Error with that code is in err.
//
// A subgraph's error keeps the code that the subgraph gave it, so a Code may hold a value that is not listed here.
type Code string

// Error returns the code as it is written to clients.
func (c Code) Error() string { return string(c) }

// What is wrong with the HTTP request, before its document is looked at.
const (
	// BadRequest: the body is not JSON, not an object, lacks a member or has one of the wrong type.
	BadRequest Code = "BAD_REQUEST"
	// MethodNotAllowed: not POST.
	MethodNotAllowed Code = "METHOD_NOT_ALLOWED"
	// NotAcceptable: none of the media types in Accept can be produced.
	NotAcceptable Code = "NOT_ACCEPTABLE"
	// UnsupportedMediaType: the Content-Type, its charset or the Content-Encoding is not supported.
	UnsupportedMediaType Code = "UNSUPPORTED_MEDIA_TYPE"
	// RequestTooLarge: the body or the variables are above their limit.
	RequestTooLarge Code = "REQUEST_TOO_LARGE"
	// CSRFPrevented: a simple request came without the preflight header.
	CSRFPrevented Code = "CSRF_PREVENTED"
	// ServiceUnavailable: too many requests at once, or no memory for one more body or answer.
	ServiceUnavailable Code = "SERVICE_UNAVAILABLE"
	// RequestTimeout: the time for the whole request is used up.
	RequestTimeout Code = "REQUEST_TIMEOUT"
)

// What is wrong with the operation.
const (
	// ParseFailed: the document is not GraphQL.
	ParseFailed Code = "GRAPHQL_PARSE_FAILED"
	// ValidationFailed: the document does not fit the schema.
	ValidationFailed Code = "GRAPHQL_VALIDATION_FAILED"
	// OperationResolutionFailure: the document has no operation of the name asked for, or several and no name.
	OperationResolutionFailure Code = "OPERATION_RESOLUTION_FAILURE"
	// BadUserInput: a variable is missing, or its value does not fit its type.
	BadUserInput Code = "BAD_USER_INPUT"
	// QueryTokenLimitExceeded: the document has too many tokens.
	QueryTokenLimitExceeded Code = "QUERY_TOKEN_LIMIT_EXCEEDED" //nolint:gosec // tokens of a document, no credential
	// QueryDepthLimitExceeded: fields are nested too deeply.
	QueryDepthLimitExceeded Code = "QUERY_DEPTH_LIMIT_EXCEEDED"
	// QueryAliasLimitExceeded: the operation has too many aliases.
	QueryAliasLimitExceeded Code = "QUERY_ALIAS_LIMIT_EXCEEDED"
	// QueryRootFieldLimitExceeded: the operation has too many root fields.
	QueryRootFieldLimitExceeded Code = "QUERY_ROOT_FIELD_LIMIT_EXCEEDED"
	// QueryFieldLimitExceeded: the operation, its fragments spread, has too many fields.
	QueryFieldLimitExceeded Code = "QUERY_FIELD_LIMIT_EXCEEDED"
	// IntrospectionLimitExceeded: an introspection query nests too many lists.
	IntrospectionLimitExceeded Code = "INTROSPECTION_LIMIT_EXCEEDED"
	// IntrospectionDisabled: __schema or __type was asked for, and introspection is off.
	IntrospectionDisabled Code = "INTROSPECTION_DISABLED"
	// QueryPlanTooComplex: planning used up its budget.
	QueryPlanTooComplex Code = "QUERY_PLAN_TOO_COMPLEX"
)

// Who is calling, and what they may see.
const (
	// Unauthenticated: no valid credentials where some are required.
	Unauthenticated Code = "UNAUTHENTICATED"
	// AuthenticationUnavailable: credentials cannot be checked, since no keys could be fetched yet.
	AuthenticationUnavailable Code = "AUTHENTICATION_UNAVAILABLE"
	// UnauthorizedFieldOrType: the caller may not see this field or type.
	UnauthorizedFieldOrType Code = "UNAUTHORIZED_FIELD_OR_TYPE"
	// AccessDenied: the caller may not have the role that was asked for. This and the next two are spelt as Hasura spells
	// them, since programs that look for them exist.
	AccessDenied Code = "access-denied"
	// JWTInvalidClaims: a valid token lacks a claim that a session variable needs.
	JWTInvalidClaims Code = "jwt-invalid-claims"
	// JWTMissingRoleClaims: a valid token lacks the claims about roles.
	JWTMissingRoleClaims Code = "jwt-missing-role-claims"
)

// What went wrong while the operation ran.
const (
	// InternalServerError: a fault of the gateway. Its cause is logged and never written to clients.
	InternalServerError Code = "INTERNAL_SERVER_ERROR"
	// NullValue: a subgraph returned null where the schema promises a value.
	NullValue Code = "NULL_VALUE_FOR_NON_NULL_FIELD"
	// InvalidValue: a subgraph returned a value that does not fit the type in the schema.
	InvalidValue Code = "INVALID_VALUE_FOR_FIELD"
	// RepresentationLimitExceeded: one fetch would ask a subgraph for too many entities, or describe them by too many bytes.
	RepresentationLimitExceeded Code = "REPRESENTATION_LIMIT_EXCEEDED"
	// ResponseTooLarge: the data of the response is above its limit.
	ResponseTooLarge Code = "RESPONSE_TOO_LARGE"
	// SubrequestHTTPError: a subgraph could not be reached, or answered with a status that carries no GraphQL response.
	SubrequestHTTPError Code = "SUBREQUEST_HTTP_ERROR"
	// SubrequestTimeout: a subgraph did not answer in time.
	SubrequestTimeout Code = "SUBREQUEST_TIMEOUT"
	// SubrequestMalformedResponse: a subgraph's answer is not a GraphQL response, too large, or of the wrong shape.
	SubrequestMalformedResponse Code = "SUBREQUEST_MALFORMED_RESPONSE"
	// SubrequestCircuitOpen: the call was not made, since the subgraph has been failing.
	SubrequestCircuitOpen Code = "SUBREQUEST_CIRCUIT_OPEN"
	// SubrequestOverloaded: the call was not made, since too many requests wait for the subgraph.
	SubrequestOverloaded Code = "SUBREQUEST_OVERLOADED"
	// DownstreamServiceError: an error in a subgraph's response that carries no code of its own.
	DownstreamServiceError Code = "DOWNSTREAM_SERVICE_ERROR"
)
