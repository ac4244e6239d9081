"""Debian's keystoneauth1 and openstacksdk: signs in with a password, finds the services in the catalog, and calls them.

keystone.py DOMAIN REGION USER PASSWORD_FILE VERB SERVICE PATH [BODY]
"""
import json
import os
import sys

import openstack
from keystoneauth1 import exceptions

domain, region, user, password_file, verb, service, path, *body = sys.argv[1:]
base = os.environ["KEYTURN_ADDRESS"]
with open(password_file, encoding="utf-8") as file:
    password = file.read()

try:
    cloud = openstack.connect(
        auth={
            "auth_url": f"{base}/v3", "username": user, "password": password, "project_name": region,
            "user_domain_name": domain, "project_domain_name": domain,
        },
        region_name=region, identity_api_version="3")
    answer = cloud.session.request(
        path, verb, json=json.loads(body[0]) if body else None, raise_exc=False,
        endpoint_filter={"service_type": service, "interface": "public", "region_name": region})
    print(json.dumps({"status": answer.status_code, "project": cloud.session.get_project_id(), "body": answer.json()}))
except exceptions.HttpError as error:
    print(json.dumps({"status": error.http_status, "message": error.message}))
