import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHttpClient, type HttpClient, type HttpRequest } from "./http-client.ts";
import { HttpError } from "./http-error.ts";
import { createTransport } from "./transport.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

/** Answers each request in turn; gives its address and what was asked. */
async function server(answer: Answer): Promise<{ readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const http = createServer((request, response) => answer(request, response, seen.push(request) - 1));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, seen }; // it listens on a port
}

type Started = { readonly client: HttpClient; readonly delays: number[] };

/** A client that notes its delays instead of waiting; a delay is the whole of what jitter allows. */
function startClient(env: NodeJS.ProcessEnv = {}, timeoutMs = 5000): Started {
  const delays: number[] = [];
  const transport = createTransport(env, { connectMs: timeoutMs, headersMs: timeoutMs, idleMs: timeoutMs });
  const sleep = (ms: number): Promise<void> => {
    delays.push(ms);
    return Promise.resolve();
  };
  const client = createHttpClient({ transport, userAgent: "test", random: () => 1, sleep });
  onTestFinished(() => client.close());
  return { client, delays };
}

const get: HttpRequest = { maxBytes: 1000 };

describe("a request", () => {
  it("gives status, headers and body", async () => {
    const { url } = await server((_, response) => response.writeHead(200, { "x-a": "1" }).end("hello"));
    const answer = await startClient().client.request(`${url}/a`, get);
    expect({ ...answer, headers: answer.headers["x-a"], body: Buffer.from(answer.body).toString() }).toEqual({
      status: 200,
      headers: "1",
      body: "hello",
      url: `${url}/a`,
    });
  });

  it("posts a body", async () => {
    const { url } = await server((request, response) => request.pipe(response));
    const answer = await startClient().client.request(url, { ...get, method: "POST", body: '{"a":1}' });
    expect(Buffer.from(answer.body).toString()).toBe('{"a":1}');
  });

  it("sends user and password of the URL as a header", async () => {
    const { url, seen } = await server((_, response) => response.end());
    await startClient().client.request(url.replace("://", "://me:p%40ss@"), get);
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  it("unpacks gzip", async () => {
    const { url } = await server((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(900))));
    expect((await startClient().client.request(url, get)).body).toHaveLength(900);
  });

  it("gives the pieces to who wants them, as they were sent", async () => {
    const { url, seen } = await server((_, response) => response.end("hello"));
    let text = "";
    const { client } = startClient();
    await client.request(url, {
      ...get,
      receive: () => ({ take: (piece) => (text += Buffer.from(piece).toString()), end: () => (text += ".") }),
    });
    expect({ text, encoding: seen[0]?.headers["accept-encoding"] }).toEqual({ text: "hello.", encoding: "identity" });
    expect(client.counters).toEqual({ requests: 1, bytesRead: 5, retries: 0 });
  });

  it("is tried again where its taker finds a fault that may pass, and ends with any other", async () => {
    const { url } = await server((_, response) => response.end("hello"));
    const { client } = startClient();
    const asked = (ends: (() => never)[]) =>
      client.request(url, { ...get, receive: () => ({ take: () => {}, end: () => ends.shift()?.() }) });
    const passing = (): never => {
      throw new HttpError({ url, what: "short", todo: "-", retryable: true });
    };
    const lasting = (): never => {
      throw new RangeError("wrong");
    };
    expect((await asked([passing, passing])).status).toBe(200);
    expect(client.counters.retries).toBe(2);
    await expect(asked([lasting])).rejects.toThrow(RangeError);
    expect(client.counters.retries).toBe(2);
  });

  it("ends with the signal's reason", async () => {
    const { url } = await server(() => {});
    const stop = new AbortController();
    const asked = startClient().client.request(url, { ...get, signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("a body is bounded", () => {
  it.each([
    ["as it comes", (response: ServerResponse) => response.writeHead(200).end("x".repeat(1001))],
    [
      "after unpacking",
      (response: ServerResponse) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(1001))),
    ],
    [
      "when it never ends",
      (response: ServerResponse) => {
        const more = (): void => {
          while (!response.destroyed && response.write("x".repeat(100)));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
    ],
  ])("%s", async (_, give) => {
    const { url } = await server((__, response) => give(response));
    await expect(startClient().client.request(url, get)).rejects.toThrow(/the answer is longer than 1000 bytes: http.*: check the link/);
  });
});

describe("tries again", () => {
  it("with delays that double, until it works", async () => {
    const { url } = await server((_, response, nth) => response.writeHead(nth < 3 ? 503 : 200).end("ok"));
    const { client, delays } = startClient();
    expect((await client.request(url, get)).status).toBe(200);
    expect(delays).toEqual([250, 500, 1000]);
    expect(client.counters).toMatchObject({ requests: 4, retries: 3 });
  });

  it("as late as the server asks", async () => {
    const { url } = await server((_, response, nth) => response.writeHead(nth < 1 ? 429 : 200, { "retry-after": "3" }).end());
    const { client, delays } = startClient();
    await client.request(url, get);
    expect(delays).toEqual([3000]);
  });

  it.each([
    ["a connection that is cut", (response: ServerResponse) => void response.destroy()],
    [
      "a body that is cut",
      (response: ServerResponse) => void response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy()),
    ],
    ["a chunked body that is cut", (response: ServerResponse) => void response.writeHead(200).write("half", () => response.destroy())],
  ])("after %s", async (_, fault) => {
    const { url } = await server((__, response, nth) => (nth < 2 ? fault(response) : response.end("ok")));
    const { client } = startClient();
    expect(Buffer.from((await client.request(url, get)).body).toString()).toBe("ok");
    expect(client.counters.retries).toBe(2);
  });

  it("after a body that stalls", async () => {
    const { url } = await server((_, response, nth) =>
      nth === 0 ? void response.writeHead(200, { "content-length": 9 }).write("half") : response.end("ok"),
    );
    const { client } = startClient();
    await client.request(url, { ...get, timeoutMs: 300 });
    expect(client.counters.retries).toBe(1);
  });

  it("but not for ever", async () => {
    const { url, seen } = await server((_, response) => response.writeHead(503, { "content-type": "text/plain" }).end("slow\ndown"));
    await expect(startClient().client.request(`${url}/a?sig=secret`, get)).rejects.toThrow(
      `HTTP status 503 (slow down), 6 times: ${url}/a?…: the server is in trouble: run again later`,
    );
    expect(seen).toHaveLength(6);
  });

  it("and not what will not pass", async () => {
    const { url, seen } = await server((_, response) => response.writeHead(404).end());
    await expect(startClient().client.request(url.replace("://", "://me:secret@"), get)).rejects.toThrow(
      `HTTP status 404: ${url}/: it is not there: check the link`,
    );
    expect(seen).toHaveLength(1);
  });
});

describe("a redirect", () => {
  it("is followed, relative too, with the headers", async () => {
    const { url, seen } = await server((_, response, nth) =>
      nth === 0 ? response.writeHead(302, { location: "/b" }).end() : response.end("ok"),
    );
    const answer = await startClient().client.request(`${url}/a`, { ...get, headers: { Authorization: "x" } });
    expect(answer.url).toBe(`${url}/b`);
    expect(seen[1]?.headers.authorization).toBe("x");
  });

  it("to another host leaves credentials behind, and keeps the range", async () => {
    const other = await server((_, response) => response.end("ok"));
    const { url } = await server((_, response) => response.writeHead(307, { location: other.url }).end());
    const headers = { Authorization: "x", "X-Api-Key": "y", Cookie: "z", Range: "bytes=0-1" };
    await startClient().client.request(url, { ...get, headers });
    const { authorization, cookie, range, "x-api-key": key } = other.seen[0]?.headers ?? {};
    expect({ authorization, cookie, key, range }).toEqual({
      authorization: undefined,
      cookie: undefined,
      key: undefined,
      range: "bytes=0-1",
    });
  });

  it("in a loop ends", async () => {
    const { url, seen } = await server((_, response) => response.writeHead(301, { location: "/" }).end());
    await expect(startClient().client.request(url, get)).rejects.toThrow(/more than 5 redirects: .*: the server leads in circles/);
    expect(seen).toHaveLength(6);
  });

  it.each(["http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://[::ffff:169.254.169.254]/", "//169.254.169.254/x"])(
    "to %s is refused",
    async (location) => {
      const { url, seen } = await server((_, response) => response.writeHead(302, { location }).end());
      await expect(startClient().client.request(url, get)).rejects.toThrow(/leads to a link-local address: http:/);
      expect(seen).toHaveLength(1);
    },
  );

  it.each(["file:///etc/passwd", "ftp://127.0.0.1/a", "data:text/plain,a"])("to %s is refused", async (location) => {
    const { url } = await server((_, response) => response.writeHead(302, { location }).end());
    await expect(startClient().client.request(url, get)).rejects.toThrow(/redirects to a (file|ftp|data): address/);
  });
});

describe("a link that nobody may follow", () => {
  it("is refused before anything is sent", async () => {
    await expect(startClient().client.request("http://169.254.169.254/", get)).rejects.toThrow(/leads to a link-local address/);
  });

  it.each(["file:///etc/passwd", "not a url", "gopher://h/"])("%s", async (url) => {
    await expect(startClient().client.request(url, get)).rejects.toThrow(/not an http\(s\) URL/);
  });
});

describe("a proxy", () => {
  it("of the environment is asked, but not for NO_PROXY", async () => {
    const proxy = await server((request, response) => response.end(`proxied ${request.url}`));
    const target = await server((_, response) => response.end("direct"));
    const text = async (env: NodeJS.ProcessEnv): Promise<string> =>
      Buffer.from((await startClient(env).client.request(`${target.url}/x`, get)).body).toString();
    expect(await text({ http_proxy: proxy.url })).toBe(`proxied ${target.url}/x`);
    expect(await text({ HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" })).toBe("direct");
  });
});

describe("a server that is not there", () => {
  it("is named", async () => {
    const { url } = await server(() => {});
    const port = 1;
    await expect(startClient().client.request(`${url.replace(/:\d+$/, `:${port}`)}/a?k=s`, get)).rejects.toThrow(
      /the connection was refused \(ECONNREFUSED\), 6 times: http:\/\/127.0.0.1:1\/a\?…: check that the server runs/,
    );
  });
});
