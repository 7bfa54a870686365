import { hasVersions, taskIdOf } from '../call-parameters.ts'
import { configBody, taskStatusBody } from '../connector-bodies.ts'
import { type Resource } from '../endpoint.ts'
import { type RestServices } from '../rest-services.ts'
import { arrayOf, ref } from '../schemas.ts'

/** Tasks of a connector. */
export function connectorTasksResource({ isSecret }: Pick<RestServices, 'isSecret'>): Resource {
  return {
    name: 'connector tasks',
    isOfRoute: true,
    endpoints: [
      {
        id: 'getTasks',
        method: 'GET',
        path: '/connectors/:connector/tasks',
        schema: {
          summary: 'Configs of the tasks of a connector, placeholders unresolved',
          responses: { 200: arrayOf(ref('TaskInfo')) }
        },
        handle: async (call) => {
          const tasks = await call.route.herder.taskConfigs(call.param('connector'))
          const json = tasks.map(({ id, config }) => ({
            id: { connector: id.connector, task: id.task },
            config: configBody(config, isSecret)
          }))
          return { status: 200, json }
        }
      },
      {
        id: 'getTaskStatus',
        method: 'GET',
        path: '/connectors/:connector/tasks/:task/status',
        schema: { summary: 'State of a task', responses: { 200: ref('TaskStatus') } },
        handle: async (call) => {
          const status = await call.route.herder.taskStatus(taskIdOf(call))
          return { status: 200, json: taskStatusBody(status, hasVersions(call)) }
        }
      },
      {
        id: 'restartTask',
        method: 'POST',
        path: '/connectors/:connector/tasks/:task/restart',
        isForwarded: true,
        schema: { summary: 'Restarts a task', responses: { 204: null }, errors: [409] },
        handle: async (call) => {
          await call.route.herder.restartTask(taskIdOf(call))
          return { status: 204 }
        }
      }
    ]
  }
}
