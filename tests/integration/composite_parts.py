"""The parts of composite requests, for the tests that send them."""

V = "/services/data/v66.0"
ROLLED_BACK = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}


def part(name, method, path, body=None, **more):
    return {"referenceId": name, "method": method, "url": f"{V}/{path}", "body": body, **more}


def composite(api, *parts, **options):
    response = api.call("POST", "composite", {"compositeRequest": parts, **options})
    assert response.status_code == 200, response.text
    return response.json()["compositeResponse"]


def names(org, object_name="Account", field="Name"):
    return [each[field] for each in org.records(object_name)]


ACCOUNT = part("acc", "POST", "sobjects/Account", {"Name": "Acme"})
CONTACT = part("con", "POST", "sobjects/Contact", {"LastName": "Lee", "AccountId": "@{acc.id}"})
BAD = part("bad", "POST", "sobjects/Contact", {"FirstName": "Ann"})
