/*
 * api.js - the API as the page calls it: where it is, a request, its answer or its error.
 *
 * Paths, inputs and answers are those of /openapi.json (types.d.ts); the page knows nothing else of
 * the server. Every request can be given up by a signal, and then the server gives it up, too.
 */


export class ApiError extends Error {
    /**
     * @param {string} message
     * @param {number} status 0: no answer at all
     * @param {{field: string, message: string}[]} [errors]
     */
    constructor(message, status, errors = []) {
        super(message);
        this.status = status;
        this.errors = errors;
    }
}

/** @param {unknown} error */
export function isAbort(error) {
    return error instanceof DOMException && error.name === 'AbortError';
}

/**
 * An error as the API says it: {"message", "errors"}; a proxy's is anything.
 * @param {Response} response
 */
async function refusal(response) {
    const text = await response.text().catch(() => '');
    try {
        const body = JSON.parse(text);
        if (typeof body.message === 'string')
            return new ApiError(body.message, response.status, body.errors);
    } catch {
        // not the API's: below
    }
    // HTTP/2 has no words for a status
    return new ApiError(`the server answered ${response.status} ${response.statusText}`.trim(), response.status);
}

/**
 * What a success has in "data". A proxy may say anything with a 200, too.
 * @param {Response} response
 */
async function data(response) {
    const {data} = json(await response.text().catch(() => ''));
    if (typeof data !== 'object' || data === null)
        throw strange();
    return data;
}

function strange() {
    return new ApiError('what came is no answer of the API’s', 0);
}

/** @param {string} text of a success @returns {any} */
export function json(text) {
    try {
        return JSON.parse(text) ?? {};
    } catch {
        throw strange();
    }
}

/**
 * @param {string} url
 * @param {RequestInit} init
 */
async function fetched(url, init) {
    try {
        return await fetch(url, init);
    } catch (error) {
        if (isAbort(error))
            throw error;
        throw new ApiError('the server cannot be reached', 0);
    }
}

/**
 * The path with its variables, and the query.
 * @param {string} path
 * @param {Record<string, unknown>} variables
 * @param {Record<string, unknown>} query
 */
function address(path, variables, query) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(variables[name])));
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== null && value !== '')
            params.set(name, Array.isArray(value) ? JSON.stringify(value) : String(value));
    }
    const text = params.toString();
    return `${filled}${text && '?'}${text}`;
}

export class Api {
    /**
     * @param {string} root
     * @param {string} cluster '' is the host's own
     * @param {(more: number) => void} busy told of one request more or less under way
     */
    constructor(root, cluster, busy) {
        this.root = root;
        this.cluster = cluster;
        this.busy = busy;
    }

    /**
     * @template {import('#types').With<'get'>} P
     * @param {P} path
     * @param {import('#types').Input<P, 'get'>} input
     * @returns {Promise<import('#types').Data<P, 'get'>>}
     */
    get(path, input) {
        return this.data('GET', path, input);
    }

    /**
     * @template {import('#types').With<'post'>} P
     * @param {P} path
     * @param {import('#types').Input<P, 'post'>} input
     * @returns {Promise<import('#types').Data<P, 'post'>>}
     */
    post(path, input) {
        return this.data('POST', path, input);
    }

    /**
     * @template {import('#types').With<'patch'>} P
     * @param {P} path
     * @param {import('#types').Input<P, 'patch'>} input
     * @returns {Promise<import('#types').Data<P, 'patch'>>}
     */
    patch(path, input) {
        return this.data('PATCH', path, input);
    }

    /**
     * @template {import('#types').With<'delete'>} P
     * @param {P} path
     * @param {import('#types').Input<P, 'delete'>} input
     * @returns {Promise<import('#types').Data<P, 'delete'>>}
     */
    delete(path, input) {
        return this.data('DELETE', path, input);
    }

    /**
     * The address of a GET, for a link.
     * @template {import('#types').With<'get'>} P
     * @param {P} path
     * @param {import('#types').Input<P, 'get'>} input
     */
    url(path, input) {
        const {path: variables = {}, query = {}} = /** @type {any} */ (input);
        return this.root + address(path, variables, {...query, cluster: this.cluster});
    }

    /**
     * What is there, and its entity tag: who edits it says which one he has seen.
     * @template {import('#types').With<'get'>} P
     * @param {P} path
     * @param {import('#types').Input<P, 'get'>} input
     * @returns {Promise<{data: import('#types').Data<P, 'get'>, tag: string}>}
     */
    tagged(path, input) {
        return this.answer('GET', path, input);
    }

    /**
     * @param {string} method
     * @param {string} path
     * @param {any} input
     */
    async data(method, path, input) {
        return (await this.answer(method, path, input)).data;
    }

    /**
     * @param {string} method
     * @param {string} path
     * @param {any} input
     */
    async answer(method, path, input) {
        const {path: variables = {}, query = {}, body, headers = {}, signal} = input;
        const response = await this.raw(method, address(path, variables, {...query, cluster: this.cluster}),
            body === undefined ? undefined : JSON.stringify(body),
            body === undefined ? headers : {...headers, 'Content-Type': 'application/json'}, signal);
        if (!response.ok)
            throw await refusal(response);
        return {data: await data(response), tag: response.headers.get('ETag') ?? ''};
    }

    /**
     * A POST of something else than JSON.
     * @param {string} address
     * @param {Blob} body
     * @param {Record<string, string>} headers
     * @param {AbortSignal} signal
     */
    async send(address, body, headers, signal) {
        const response = await this.raw('POST', address, body, headers, signal);
        if (!response.ok)
            throw await refusal(response);
        return data(response);
    }

    /**
     * What is no JSON, by its whole address.
     * @param {string} url
     * @param {AbortSignal} signal
     */
    async text(url, signal) {
        const response = await this.raw('GET', url.slice(this.root.length), undefined, {}, signal);
        if (!response.ok)
            throw await refusal(response);
        return response.text();
    }

    /**
     * A request as it is; the answer's body has arrived.
     * @param {string} method
     * @param {string} address below the root
     * @param {BodyInit} [body]
     * @param {Record<string, string>} [headers]
     * @param {AbortSignal} [signal]
     */
    async raw(method, address, body, headers, signal) {
        this.busy(1);
        try {
            const response = await fetched(this.root + address, {method, body, headers, signal});
            const whole = await response.arrayBuffer().catch(error => {
                throw isAbort(error) ? error : new ApiError('the answer broke off', 0);
            });
            const {status, statusText} = response;
            return new Response(status === 204 || status === 304 ? null : whole,
                {status, statusText, headers: response.headers});
        } finally {
            this.busy(-1);
        }
    }
}

/**
 * Where the API is, and which clusters it serves. A candidate may redirect: where it leads is the root.
 * @param {string[]} candidates
 */
export async function find(candidates) {
    let failed = new ApiError('no address of the API is named', 0);
    for (const candidate of candidates) {
        const response = await fetched(new URL(`${candidate}/clusters`, document.baseURI).href, {});
        if (response.ok && /json/.test(response.headers.get('Content-Type') ?? '')) {
            const {clusters} = await data(response);
            if (!Array.isArray(clusters))
                throw strange();
            return {root: response.url.replace(/\/clusters$/, ''), clusters};
        }
        const said = response.ok ? strange() : await refusal(response);
        // Whoever says more than "not found" is the API, or who guards it.
        if (failed.status === 0 || failed.status === 404)
            failed = said;
    }
    throw failed;
}
