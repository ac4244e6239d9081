// The core of Huawei's SDK for Node.js (@huaweicloud/huaweicloud-sdk-core), which signs with AK and SK; what its packages for the services
// add are the paths and the names of members: huawei.mjs METHOD PATH CREDENTIALS_FILE [BODY]. The file has AK, SK and project, a line each;
// for a project that is a region's name the SDK asks IAM.
import { readFileSync } from "node:fs";
import core from "@huaweicloud/huaweicloud-sdk-core";
import builder from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js";

const [method, path, credentialsFile, body] = process.argv.slice(2);
const [ak, sk, project] = readFileSync(credentialsFile, "utf8").split("\n");
const [url, query] = path.split("?");
const address = process.env.KEYTURN_ADDRESS;

const credentials = new core.BasicCredentials().withAk(ak).withSk(sk);
const clients = new builder.ClientBuilder((hc) => hc, "BasicCredentials").withCredential(credentials);
const isId = /^[0-9a-f]{32}$/.test(project);
if (isId) {
  credentials.withProjectId(project);
  clients.withEndpoint(address);
} else {
  credentials.withIamEndpoint(address);
  clients.withRegion(new core.Region(project, [address]));
}
const client = clients.build();
try {
  const answer = await client.sendRequest({
    method, url, contentType: "application/json", headers: {}, pathParams: isId ? { project_id: project } : {},
    queryParams: Object.fromEntries(new URLSearchParams(query)), data: body ? JSON.parse(body) : {},
  });
  console.log(JSON.stringify(answer));
} catch (error) {
  console.log(JSON.stringify({ httpStatusCode: error.httpStatusCode, errorCode: error.errorCode, errorMsg: error.errorMsg, requestId: error.requestId }));
}
