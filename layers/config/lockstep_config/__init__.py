"""The company's own sources and routes, as YAML; deployed as a layer of its own."""
