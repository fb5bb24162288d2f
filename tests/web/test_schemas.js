/* test_schemas.js - a config's schemas; and a result file: previewed, changed, stored. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {gate, looks, open, settled, sql} from './harness.js';

const active = config => sql(`SELECT version FROM github_workflow_metric_schemas WHERE config_id = ${config} AND is_active`);
const CSV = 'Op,batch_size,latency (ms),odd\nGEMM,32,1.5,x\nGEMM,64,2.25,y\nAttention,32,N/A,z\n';

/** As if it were dropped: the page reads what the browser hands it. */
async function drop(page, files) {
    await page.locator('#file').setInputFiles(files.map(([name, text]) => ({name, mimeType: 'text/csv', buffer: Buffer.from(text)})));
    await page.locator('#previewed[aria-busy=false]').waitFor();
}

test('versions, what changed, and another one in force', async t => {
    const page = await open(t, '#/schemas?config=1');
    t.after(() => sql('UPDATE github_workflow_metric_schemas SET is_active = (id = 3) WHERE config_id = 1; UPDATE github_workflow_configs SET metric_schema_id = 3 WHERE id = 1'));
    await page.getByText('2 → 3').waitFor();
    await page.getByText('+ latency_ms').waitFor();
    await page.locator('#fields-3 summary').click();
    await page.locator('#fields-3').getByText('throughput: float').waitFor();
    await page.getByRole('button', {name: 'Activate version 2'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    assert.equal(active(1), '3');
    await page.getByRole('button', {name: 'Activate version 2'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Activate'}).click();
    await page.locator('#said').getByText('Version 2 is in force.').waitFor({state: 'attached'});
    await page.getByRole('button', {name: 'Activate version 3'}).waitFor();
    assert.equal(active(1), '2');
    await page.getByRole('combobox', {name: 'Config'}).selectOption('3');
    await page.getByText('Nothing: there is no second version.').waitFor();
});

test('which way is better, and units: one editor of two is told', async t => {
    const before = sql('SELECT fields FROM github_workflow_metric_schemas WHERE id = 3');
    t.after(() => sql(`UPDATE github_workflow_metric_schemas SET fields = $f$${before}$f$ WHERE id = 3`));
    const page = await open(t, '#/schemas?config=1', {refused: true}), save = page.getByRole('button', {name: 'Save'});
    const field = name => JSON.parse(sql('SELECT fields FROM github_workflow_metric_schemas WHERE id = 3')).find(f => f.name === name);
    await page.getByRole('link', {name: 'Edit fields of version 3'}).click();
    await save.click();
    await page.getByText('Nothing is other than it is stored.').waitFor();
    await looks(page, 'fields');
    await page.getByLabel('What is better of throughput').selectOption('higher');
    await page.getByLabel('Unit of throughput').fill('TFLOPS');
    await page.getByLabel('Description of Op').fill('"><script>window.ran = 1</script>');
    await save.click();
    await save.waitFor({state: 'detached'});
    assert.doesNotMatch(page.url(), /edit=/);
    assert.deepEqual(field('throughput'), {name: 'throughput', type: 'float', direction: 'higher', unit: 'TFLOPS'});
    await page.goBack();
    assert.equal(await page.getByLabel('What is better of throughput').inputValue(), 'higher');
    // another one is first: what he stored is seen, and neither is lost
    sql(`UPDATE github_workflow_metric_schemas SET fields = jsonb_set(fields, '{6,unit}', '"us"') WHERE id = 3`);
    await page.getByLabel('Unit of throughput').fill('GFLOPS');
    await save.click();
    await page.getByText('Error 412').waitFor();
    await page.getByText('latency_ms: unit us').waitFor();
    assert.equal(field('throughput').unit, 'TFLOPS');
    assert.equal(await page.getByLabel('Unit of latency_ms').inputValue(), 'us');
    await save.click();
    await save.waitFor({state: 'detached'});
    assert.equal(field('throughput').unit, 'GFLOPS');
    assert.equal(field('latency_ms').unit, 'us');
    // or his is taken
    await page.goBack();
    sql('UPDATE github_workflow_metric_schemas SET updated_at = now() WHERE id = 3');
    await page.getByLabel('Unit of throughput').fill('mine');
    await save.click();
    await page.getByText('Its fields are as they were.').waitFor();
    await page.getByRole('button', {name: 'take what is stored'}).click();
    await settled(page);
    assert.equal(await page.getByLabel('Unit of throughput').inputValue(), 'GFLOPS');
    await page.getByLabel('Unit of throughput').fill('x'.repeat(2000));
    await save.click();
    await page.getByText('Error 400').waitFor();
    assert.equal(await page.evaluate(() => window.ran), undefined);
    await page.getByRole('combobox', {name: 'Config'}).selectOption('2');
    await page.waitForFunction(() => !location.hash.includes('edit'));
    await page.evaluate(() => {
        location.hash += '&edit=3';
    });
    await page.getByText('This schema is another config’s.').waitFor();
});

test('a file is previewed, changed and stored as a version', async t => {
    const page = await open(t, '#/schemas?config=3');
    t.after(() => sql('DELETE FROM github_workflow_metric_schemas WHERE config_id = 3 AND version > 1; UPDATE github_workflow_configs SET metric_schema_id = NULL WHERE id = 3'));
    await drop(page, [['summary.csv', CSV]]);
    await page.getByText('3 rows of 1 file').waitFor();
    assert.equal(await page.getByLabel('What Op is').inputValue(), 'dimension');
    assert.equal(await page.getByLabel('What batch_size is').inputValue(), 'dimension');
    const metric = await page.locator('select[id^=role-]').evaluateAll(all => all.findIndex(s => s.value === 'metric'));
    assert.equal(await page.locator(`#unit-${metric}`).inputValue(), 'ms');
    assert.equal(await page.locator(`#direction-${metric}`).inputValue(), 'lower');
    await page.getByText('Why:').click();
    await page.getByText('is one of parameters').waitFor();
    await looks(page, 'upload');
    await page.getByLabel('What odd is').selectOption('out');
    await page.locator(`#unit-${metric}`).fill('s');
    await page.locator('#schema-name').fill('of a file');
    await page.getByLabel('put in force').uncheck();
    await page.getByRole('button', {name: 'Store as a new version'}).click();
    await page.locator('#said').getByText('is stored.').waitFor({state: 'attached'});
    const [name, fields, dimensions, metrics, inForce] = sql(`SELECT name, fields, dimension_fields, metric_fields, is_active FROM github_workflow_metric_schemas
        WHERE config_id = 3 ORDER BY version DESC LIMIT 1`).split('|');
    assert.equal(name, 'of a file');
    assert.deepEqual(JSON.parse(dimensions), ['Op', 'batch_size']);
    assert.equal(JSON.parse(metrics).length, 1);
    assert.equal(JSON.parse(fields).find(f => f.name === JSON.parse(metrics)[0]).unit, 's');
    assert.equal(inForce, 'f');
});

test('files that cannot be read, remarks, several, a large one', async t => {
    const page = await open(t, '#/schemas?config=3');
    await drop(page, [['broken.csv', 'a,b\n"1,2\n']]);
    await page.getByText('Cannot be read').waitFor();
    assert.equal(await page.getByText('0 rows').count(), 0);
    await drop(page, [['broken.csv', 'a,b\n"1,2\n'], ['one.csv', CSV]]);
    await page.getByText('3 rows of 1 of 2 files').waitFor();
    await drop(page, [['one.csv', CSV], ['two.csv', CSV.replaceAll('GEMM', 'Norm')]]);
    await page.getByText('6 rows of 2 files').waitFor();
    await drop(page, [['large.csv', `Op,throughput\n${'GEMM,157.25\n'.repeat(60000)}`]]);
    await page.getByText('Of large files only the beginning was looked at').waitFor();
    await drop(page, [['empty.csv', '']]);
    await page.getByText('Cannot be read').waitFor();
});

test('a name that cannot be stored, in the API’s words', async t => {
    const page = await open(t, '#/schemas?config=3', {refused: true});
    await drop(page, [['summary.csv', CSV]]);
    await page.locator('#schema-name').fill(' ');
    await page.getByRole('button', {name: 'Store as a new version'}).click();
    await page.getByText('Error 400: name must not be blank').waitFor();
});

test('a file that is dropped', async t => {
    const page = await open(t, '#/schemas?config=3');
    const transfer = await page.evaluateHandle(text => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'dropped.csv'));
        return data;
    }, CSV);
    await page.dispatchEvent('.drop', 'dragover', {dataTransfer: transfer});
    await page.dispatchEvent('.drop', 'drop', {dataTransfer: transfer});
    await page.getByText('3 rows of 1 file').waitFor();
});

test('no schema yet', async t => {
    const id = sql(`INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name, github_owner, github_repo, cluster_name)
        VALUES ('bare', 'bare', 'bare', 'a', 'b', 'mi325-east') RETURNING id`).split('\n')[0];
    t.after(() => sql(`DELETE FROM github_workflow_configs WHERE id = ${id}`));
    const page = await open(t, `#/schemas?config=${id}`);
    await page.getByText('No schema yet.').waitFor();
    await page.evaluate(id => {
        location.hash = `#/explore?config=${id}`;
    }, id);
    await page.getByText('This config has no metrics yet.').waitFor();
});

test('schemas look right', async t => {
    const page = await open(t, '#/schemas?config=1');
    await settled(page);
    await looks(page, 'schemas');
    await page.setViewportSize({width: 360, height: 800}); // names are whole
    const lines = await page.locator('#versions td > .parts > bdi').evaluateAll(all => all.map(e => e.getClientRects().length));
    assert.deepEqual([...new Set(lines)], [1]);
});

test('a file is sent: its rows are a run’s', async t => {
    t.after(() => sql(`DELETE FROM github_workflow_metrics WHERE run_id IN (SELECT id FROM github_workflow_runs WHERE workload_uid = 'sent by hand');
        DELETE FROM github_workflow_runs WHERE workload_uid = 'sent by hand'`));
    const page = await open(t, '#/schemas?config=1');
    await drop(page, [['hand.csv', 'Op,throughput,odd\nGEMM,157.25,x\nAttention,N/A,y\n']]);
    await page.getByLabel('Run (its id)').fill('sent by hand');
    await page.getByLabel('Branch').fill('my/branch #1');
    await page.getByRole('button', {name: 'Send as results'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    const rows = () => sql("SELECT count(*) FROM github_workflow_metrics m JOIN github_workflow_runs r ON r.id = m.run_id WHERE workload_uid = 'sent by hand' AND head_branch = 'my/branch #1'");
    assert.equal(rows(), '0');
    // given up in the middle: nothing is stored, and it can be sent again
    const slow = gate();
    await page.route(/\/results\?/, slow.route, {times: 1});
    await page.getByRole('button', {name: 'Send as results'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Send'}).click();
    await slow.first;
    await page.locator('#cancel').click();
    await page.getByText('Cancelled.').waitFor();
    slow.open();
    for (let again = 0; again < 2; again++) {
        await page.getByRole('button', {name: 'Send as results'}).click();
        await page.getByRole('dialog').getByRole('button', {name: 'Send'}).click();
        await page.getByText('2 rows of run').waitFor();
        assert.equal(rows(), '2');
    }
    await page.getByText('in place of 2').waitFor();
    await page.getByText('Neither dimension nor metric: odd').waitFor();
    await page.getByText('2 rows of run').getByRole('link').click();
    await page.getByText('hand.csv').first().waitFor();
});

test('a column that the schema in force does not know: kept beside, unless the viewer says otherwise', async t => {
    t.after(() => sql(`DELETE FROM github_workflow_metrics WHERE run_id IN (SELECT id FROM github_workflow_runs WHERE workload_uid = 'sent by hand');
        DELETE FROM github_workflow_runs WHERE workload_uid = 'sent by hand'`));
    const page = await open(t, '#/schemas?config=1'), rows = page.locator('#versions tbody tr', {hasText: 'in force'}).locator('td.n');
    const before = Number((await rows.innerText()).replace(',', ''));
    await drop(page, [['hand.csv', 'Op,throughput,wait_ms\nGEMM,157.25,3.5\nAttention,158,4.25\n']]);
    const force = name => page.getByRole('region', {name: 'Columns'}).locator('tr', {hasText: name}).locator('.force').innerText();
    assert.equal(await force('Op'), 'dimension');
    assert.equal(await force('throughput'), 'metric');
    assert.equal(await force('wait_ms'), 'kept beside (not in the schema in force)');
    assert.equal(await page.getByLabel('What wait_ms is').inputValue(), 'metric');
    await page.locator('#beside', {hasText: 'wait_ms'}).waitFor();
    await page.getByLabel('Run (its id)').fill('sent by hand');
    const sent = async () => {
        await page.getByRole('button', {name: 'Send as results'}).click();
        await page.getByRole('dialog').getByText('1 file becomes metric rows').waitFor();
        const request = page.waitForRequest(/\/results\?/);
        await page.getByRole('dialog').getByRole('button', {name: 'Send'}).click();
        return new URL((await request).url()).searchParams;
    };
    assert.equal((await sent()).get('metrics'), null);
    await page.getByText('Neither dimension nor metric: wait_ms').waitFor();
    await page.waitForFunction(n => [...document.querySelectorAll('#versions td.n')].some(td => td.textContent.replace(',', '') === String(n)), before + 2);
    assert.equal(await page.getByText('Nothing is stored').count(), 0);
    await looks(page, 'sent');
    await page.getByLabel('Columns are what').selectOption('chosen');
    const said = await sent();
    assert.deepEqual(JSON.parse(said.get('metrics')), ['throughput', 'wait_ms']);
    assert.deepEqual(JSON.parse(said.get('dimensions')), ['Op']);
    await page.getByText('in place of 2').waitFor();
    assert.equal(await page.getByText('Neither dimension nor metric').count(), 0);
});

test('a file that is refused, and a column that is changed', async t => {
    t.after(() => sql(`DELETE FROM github_workflow_metrics WHERE run_id IN (SELECT id FROM github_workflow_runs WHERE workload_uid = 'sent by hand');
        DELETE FROM github_workflow_runs WHERE workload_uid = 'sent by hand'`));
    const page = await open(t, '#/schemas?config=1', {refused: true});
    await drop(page, [['hand.csv', 'Op,throughput\nGEMM,157.25\nGEMM,158\nGEMM,lost\n']]);
    await page.getByLabel('Run (its id)').fill(' ');
    await page.getByRole('button', {name: 'Send as results'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Send'}).click();
    await page.getByText('Error 400').waitFor();
    await page.getByLabel('Run (its id)').fill('sent by hand');
    await page.getByLabel('What throughput is').selectOption('metric');
    assert.equal(await page.getByLabel('Columns are what').inputValue(), 'chosen');
    await page.getByRole('button', {name: 'Send as results'}).click();
    const request = page.waitForRequest(/\/results\?/);
    await page.getByRole('dialog').getByRole('button', {name: 'Send'}).click();
    assert.equal(new URL((await request).url()).searchParams.get('metrics'), '["throughput"]');
    await page.getByText('3 rows of run').waitFor();
    await page.getByText('1 remark').waitFor();
});
