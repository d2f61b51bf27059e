// Package instance makes random JSON values for the schemas of an OpenAPI 3.1 document, and keeps account
// of what they have shown: which properties were there and which were not, which enum values, nulls,
// branches of a oneOf and lengths of arrays.
//
// A [Plan] belongs to one schema. It makes values that go where nothing has been yet, so that a few dozen
// cover a schema. Every value has been found valid by the caller's validator before it is handed out: the
// generator can fail to make one, which is an error, but it cannot make a wrong one.
//
// What it never makes, because Go's types cannot keep it and the same value can be written otherwise:
//
//   - an integer as 1.0 or 1e3, or one beyond 64 bits;
//   - a date-time with a leap second, with zeros at the end of its fraction, or at an offset written +00:00;
//   - a UUID in capitals;
//   - a property that the schema does not name, unless additionalProperties says that there may be some.
package instance
