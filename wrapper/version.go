package portal

// version stands in the User-Agent; a release sets it.
const version = "0.1.0"
